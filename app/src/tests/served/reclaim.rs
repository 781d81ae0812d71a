//! The page of seats that seem unused, without JavaScript: who is listed, and what its forms do.

use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use super::support::{Server, joined};

const ADMIN: &str = "admin@customer.test";
const VIEWER: &str = "viewer@customer.test";
const PAGE: &str = "/organizations/org_1/reclaim";

/// Two people hold seats since long ago; person 1 has not used the product for 90 days.
async fn serving() -> Server {
    let server = Server::new()
        .organization("org_1")
        .account(ADMIN, "tenant-admin", &["org_1"])
        .account(VIEWER, "tenant-viewer", &["org_1"])
        .serving();
    for n in 1..=2 {
        server.deliver(&format!("msg_{n}"), &joined(n));
    }
    let url = format!("sqlite://{}", server.folder().join("seats.db").display());
    let mut db = SqliteConnection::connect(&url).await.unwrap();
    let now = "(select max(received_at) from deliveries)";
    let day = 86_400_000_000_000_i64;
    for statement in [
        format!("update directory_users set since = {now} - 100 * {day}"),
        format!(
            "insert into usage_signals (organization_id, user_id, last_used_at) \
             values ('org_1', 'diruser_1', {now} - 90 * {day}), ('org_1', 'diruser_2', {now})"
        ),
        format!(
            "update organizations set usage_known_since = {now} - 90 * {day}, usage_heard_at = {now}"
        ),
    ] {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut db).await.unwrap();
    }
    server
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_keeps_a_seat_and_undoes_it_and_a_viewer_reads() {
    let server = serving().await;
    let (admin, viewer) = (server.signed_in(ADMIN), server.signed_in(VIEWER));

    let page = server.page(PAGE, &admin).body;
    assert!(page.contains("Last used on ") && page.contains("90 days ago"), "{page}");
    assert!(page.contains("value=\"diruser_1\"") && !page.contains("diruser_2"), "{page}");
    let preview = "/organizations/org_1/waitlist/decision?action=dismiss&amp;user=diruser_1";
    assert!(page.contains(preview), "{page}");
    let read = server.page(PAGE, &viewer).body;
    assert!(read.contains("90 days ago") && !read.contains("type=\"checkbox\""), "{read}");
    assert!(read.contains("Only admins can decide.") && !read.contains("Keep the seat"), "{read}");
    let people = server.page("/organizations/org_1/people", &viewer).body;
    assert!(people.contains("Seem unused") && people.contains(PAGE), "{people}");

    let kept = server.call("ignore_suggestion", "id=org_1&user=diruser_1", &admin);
    assert_eq!(kept.header("location"), Some(format!("{PAGE}?done=kept").as_str()));
    let page = server.page(&format!("{PAGE}?done=kept"), &admin).body;
    assert!(page.contains("The seat stays.") && page.contains("Every seat seems to be used"));
    let page = server.page(&format!("{PAGE}?show=kept"), &viewer).body;
    assert!(page.contains(", by ") && !page.contains("Undo"), "{page}");

    let undone = server.call("restore_suggestion", "id=org_1&user=diruser_1", &admin);
    assert_eq!(undone.header("location"), Some(format!("{PAGE}?show=kept&done=undone").as_str()));
    assert!(server.page(PAGE, &admin).body.contains("90 days ago"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_lost_the_seat_meanwhile_is_told_on_the_page() {
    let server = serving().await;
    let admin = server.signed_in(ADMIN);
    server.deliver(
        "msg_left",
        &joined(1).replace("user_created", "user_deleted").replace("evt_", "evt_left_"),
    );

    let answer = server.ask(
        "POST /api/ignore_suggestion",
        &format!(
            "accept: text/html\r\ncookie: {admin}\r\ncontent-type: application/x-www-form-urlencoded\r\n"
        ),
        "id=org_1&user=diruser_1",
    );

    let page = answer.header("location").unwrap_or_default();
    assert_eq!(page, format!("{PAGE}?refused=holds-no-seat"), "{answer:?}");
    assert!(server.page(page, &admin).body.contains("This person holds no seat any more"));
}
