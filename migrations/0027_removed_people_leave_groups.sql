-- A deletion is also the newest statement about the groups of its user: the user has none, and older lists do not count.

update directory_users set groups_at = activity_at, groups_tie = activity_tie
    where state = 'removed' and (groups_at, groups_tie) < (activity_at, activity_tie);
-- a membership that was announced after the deletion stays
delete from memberships where exists (select 1 from directory_users u
    where u.organization_id = memberships.organization_id and u.id = memberships.user_id and u.state = 'removed'
    and (u.groups_at, u.groups_tie) = (u.activity_at, u.activity_tie)
    and not exists (select 1 from membership_news n where n.organization_id = u.organization_id and n.user_id = u.id
    and n.group_id = memberships.group_id and n.joined and (n.news_at, n.news_tie) > (u.groups_at, u.groups_tie)));
