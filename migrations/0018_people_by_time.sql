-- The list of people in order of time reads this index too: it has the time now, so that the rows are read only for one page. A change
-- of the time comes with a change of the state, which wrote the index before.
drop index directory_users_by_name;
create index directory_users_by_name on directory_users (organization_id, search_key, id, state, since);
