//! The tables, read and changed without the code of the product.

use domain::{id::GroupId, text::ExternalText};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use super::world::TestApp;

/// The names of groups.
pub fn names(groups: &[(GroupId, ExternalText)]) -> Vec<String> {
    groups.iter().map(|(_, name)| name.to_string()).collect()
}

impl TestApp {
    /// The values of a statement's only column, as text, read directly from the tables.
    pub async fn texts(&self, statement: &str) -> Vec<String> {
        let statement = AssertSqlSafe(statement.to_owned());
        if self.state.db.is_postgres() {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(statement).fetch_all(&mut connection).await.unwrap()
        } else {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(statement).fetch_all(&mut connection).await.unwrap()
        }
    }

    /// The ids of all messages, sent ones too.
    pub async fn outbox(&self) -> Vec<String> {
        self.texts("select id from outbox order by id").await
    }

    /// Where all messages go, sent ones too.
    pub async fn recipients(&self) -> Vec<String> {
        self.texts("select recipient from outbox order by recipient").await
    }

    /// The kinds of the open alerts of all organizations.
    pub async fn open_alerts(&self) -> Vec<String> {
        self.texts("select kind from alerts where resolved_at is null order by kind").await
    }

    pub async fn deliveries(&self) -> Vec<String> {
        self.texts("select id from deliveries order by id").await
    }

    pub async fn suspicious_deliveries(&self) -> Vec<String> {
        self.texts("select id from deliveries where suspicious order by id").await
    }

    pub async fn dead_letters(&self) -> Vec<String> {
        self.texts("select id from deliveries where outcome = 'dead' order by id").await
    }

    /// Why the dead letters are dead.
    pub async fn dead_letter_reasons(&self) -> Vec<String> {
        self.texts("select why from deliveries where outcome = 'dead' order by why").await
    }

    /// The organizations that wait for a resync.
    pub async fn wanted_resyncs(&self) -> Vec<String> {
        let wanted = "select id from organizations where resync_wanted_at is not null order by id";
        self.texts(wanted).await
    }

    /// Asserts that the numbers of each group are those of its members, that the recorded changes
    /// of memberships lead to the memberships, and that no user joins or leaves a group twice in a
    /// row.
    pub async fn check_groups(&self) {
        let count = |state: &str| {
            format!(
                "(select count(*) from memberships m join directory_users u \
                 on u.organization_id = m.organization_id and u.id = m.user_id \
                 where m.organization_id = g.organization_id and m.group_id = g.id \
                 and u.state = '{state}')"
            )
        };
        let wrong = ["provisioned", "blocked", "dismissed", "inactive"]
            .map(|state| format!("g.{state} <> {}", count(state)))
            .join(" or ");
        let wrong = format!("select g.id from directory_groups g where {wrong}");
        assert_eq!(self.texts(&wrong).await, [""; 0], "groups with wrong numbers");
        let now = "select organization_id || ' ' || user_id || ' ' || group_id from memberships \
                   order by 1";
        let told = "select organization_id || ' ' || user_id || ' ' || group_id from ( \
                      select organization_id, user_id, group_id, joined, row_number() over ( \
                        partition by organization_id, user_id, group_id \
                        order by revision desc, ordinal desc) as newest \
                      from membership_changes) c \
                    where newest = 1 and joined order by 1";
        let twice = "select organization_id || ' ' || user_id || ' ' || group_id from ( \
                       select organization_id, user_id, group_id, joined, lag(joined) over ( \
                         partition by organization_id, user_id, group_id \
                         order by revision, ordinal) as joined_before \
                       from membership_changes) c \
                     where joined = joined_before or (joined_before is null and not joined)";
        assert_eq!(self.texts(told).await, self.texts(now).await, "the changes, the memberships");
        assert_eq!(self.texts(twice).await, [""; 0], "joined or left twice in a row");
    }

    /// Changes rows without the application's code.
    pub async fn tamper(&self, statement: &str) {
        self.try_to_tamper(statement).await.unwrap();
    }

    /// The same, if the engine may refuse it.
    pub async fn try_to_tamper(&self, statement: &str) -> sqlx::Result<()> {
        let statement = AssertSqlSafe(statement.to_owned());
        if self.state.db.is_postgres() {
            let mut connection = PgConnection::connect(&self.url).await?;
            sqlx::query(statement).execute(&mut connection).await?;
        } else {
            let mut connection = SqliteConnection::connect(&self.url).await?;
            sqlx::query(statement).execute(&mut connection).await?;
        }
        Ok(())
    }

    /// Locks every organization from another connection until the result is dropped.
    pub async fn hold_everything(&self) -> Box<dyn std::any::Any + Send> {
        let lock = "update organizations set name = name";
        if self.state.db.is_postgres() {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::raw_sql("begin").execute(&mut connection).await.unwrap();
            sqlx::raw_sql(lock).execute(&mut connection).await.unwrap();
            Box::new(connection)
        } else {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::raw_sql("begin immediate").execute(&mut connection).await.unwrap();
            sqlx::raw_sql(lock).execute(&mut connection).await.unwrap();
            Box::new(connection)
        }
    }
}
