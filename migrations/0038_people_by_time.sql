-- The list of people in order of time. Every person is in one of the two indexes, so that each stretch of one state is read in its
-- order, and a page costs as much as its rows. The list had to sort all people of the organization before. The index by name no
-- longer needs the time.
drop index directory_users_without_seat;
create index directory_users_without_seat on directory_users (organization_id, state, since, id) where state <> 'provisioned';
create index directory_users_with_seat on directory_users (organization_id, since, id) where state = 'provisioned';
drop index directory_users_by_name;
create index directory_users_by_name on directory_users (organization_id, search_key, id, state);
