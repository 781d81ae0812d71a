-- The list of people in order of name and of time. Each index holds all that its order reads: the state for the views, and the search
-- key for the search. Every new person, and every change of a name, an address or a state, writes them.
create index directory_users_by_name on directory_users (organization_id, search_key, id, state);
create index directory_users_by_since on directory_users (organization_id, since, id, state);
