-- Staff find a person by the e-mail address, whatever the organization. The same index still finds the people of one organization
-- with an address, since its readers name both columns.
drop index directory_users_by_email;
create index directory_users_by_email on directory_users (email_key, organization_id);
