-- whether anything was ever said of one person and one group alone: most directories never do, and their batches need not ask
alter table organizations add column has_membership_news boolean not null default false;
update organizations set has_membership_news = true where id in (select organization_id from membership_news);
