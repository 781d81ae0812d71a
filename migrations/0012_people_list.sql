-- The list of people in order of name. The index holds all that the order reads: the state for the views, and the search key for the
-- search. Every new person, and every change of a name, an address or a state, writes it. The order of time has no index: it would cost
-- each of these writes once more, and sorting the people of one organization is fast enough.
create index directory_users_by_name on directory_users (organization_id, search_key, id, state);
