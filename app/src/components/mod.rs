//! Components that two pages or more use.

pub mod badge;
pub mod banner;
pub mod decision_links;
pub mod description_list;
pub mod directory_name;
pub mod empty_state;
pub mod export_csv;
pub mod field;
pub mod filter_chips;
pub mod group_links;
pub mod groups_or_roles;
pub mod id;
pub mod layout;
pub mod meter;
pub mod page_data;
pub mod page_header;
pub mod pagination;
pub mod person_roles;
pub mod progress;
pub mod relative_time;
pub mod role_names;
pub mod segmented_links;
pub mod shared_names;
pub mod table;
pub mod waitlist_places;
pub mod words;
