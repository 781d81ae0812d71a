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
