-- The settings that staff admins change while Seatkeeper runs. A setting without a row has its default.

create table settings (
    -- one of the names in src/domain/setting.rs; a row with another name is left alone
    name text primary key not null,
    value text not null,
    changed_by text not null,
    changed_at bigint not null
);
