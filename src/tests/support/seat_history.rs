//! The seat history against the decisions: the migration that computes it for the organizations of
//! an older version must find what the seat transaction has written.

use super::world::TestApp;

const MIGRATION: &str = include_str!("../../../migrations/0020_seat_history.sql");

impl TestApp {
    /// Asserts that the change points and the daily roll-ups are what the decisions say, and that
    /// the last change point has the present numbers.
    pub async fn check_seat_history(&self) {
        for (table, time) in [("change_points", "changed_at"), ("daily_rollups", "day")] {
            let (columns, computed) = computed(table);
            let line = columns
                .replace(", ", " || ' ' || ")
                .replace("limit_seats", "coalesce(limit_seats, -1)");
            let order = format!("order by organization_id, {time}, revision");
            let kept = format!("select {line} from {table} {order}");
            let told = format!("with t ({columns}) as ({computed}) select {line} from t {order}");
            assert_eq!(
                self.texts(&kept).await,
                self.texts(&told).await,
                "{table}, and what the decisions say"
            );
        }
        let wrong = "select o.id from organizations o join ( \
                       select organization_id, limit_kind, limit_seats, used, waiting, row_number() \
                         over (partition by organization_id order by revision desc) as from_last \
                       from change_points) p on p.organization_id = o.id and p.from_last = 1 \
                     where (p.limit_kind, coalesce(p.limit_seats, -1), p.used, p.waiting) \
                       <> (o.limit_kind, coalesce(o.limit_seats, -1), o.used, o.waiting)";
        assert_eq!(self.texts(wrong).await, [""; 0], "organizations with other numbers");
        let without = "select id from organizations where id not in \
                       (select organization_id from change_points)";
        assert_eq!(self.texts(without).await, [""; 0], "organizations without a history");
    }
}

/// The columns that the migration fills of a table, and the statement that computes them.
fn computed(table: &str) -> (String, &'static str) {
    let (_, insert) = MIGRATION.split_once(&format!("insert into {table} (")).unwrap();
    let (columns, select) = insert.split_once(')').unwrap();
    let (select, _) = select.split_once(';').unwrap();
    (columns.split_whitespace().collect::<Vec<_>>().join(" "), select)
}
