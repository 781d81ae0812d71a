//! The tables, read and changed without the code of the product.

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use super::world::TestApp;

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
