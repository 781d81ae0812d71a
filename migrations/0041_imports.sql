-- Imports: people from a file. A resync with the cause “import” plans and applies the rows.

create table imports (
    organization_id text not null references organizations (id),
    -- imp_…
    id text not null,
    -- plans and applies the rows; null: the file did not arrive to its end
    resync_id text,
    format text not null check (format in ('csv', 'ndjson')),
    -- people who are not in the file are removed
    is_whole boolean not null,
    started_by text not null,
    -- what is newer than this is not changed
    created_at bigint not null,
    -- rows of the file; those that cannot be taken; those about people of a directory
    row_count bigint not null default 0,
    refused bigint not null default 0,
    of_directory bigint not null default 0,
    -- cleanup: the rows are removed
    rows_removed boolean not null default false,
    primary key (organization_id, id),
    foreign key (organization_id, resync_id) references resyncs (organization_id, id)
);
create unique index imports_by_resync on imports (organization_id, resync_id) where resync_id is not null;
create index imports_left on imports (created_at) where not rows_removed;

create table import_rows (
    organization_id text not null,
    import_id text not null,
    -- the line on which the row begins, counted from 1
    line bigint not null,
    state text not null check (state in ('read', 'matched', 'of_directory', 'refused')),
    -- as read; null in a row that is refused
    external_id text,
    email text,
    name text,
    active boolean,
    -- of a row that is matched: the user it is about, and the user who was found
    user_id text,
    known_id text,
    -- of a row that is refused: the column that is wrong, and a sentence
    wrong_column text,
    why text,
    primary key (organization_id, import_id, line),
    foreign key (organization_id, import_id) references imports (organization_id, id)
);
create index import_rows_by_user on import_rows (organization_id, import_id, user_id) where user_id is not null;
create index import_rows_by_known on import_rows (organization_id, import_id, known_id) where known_id is not null;
