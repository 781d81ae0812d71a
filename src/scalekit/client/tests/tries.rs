//! Which calls are tried again, how often, and with which token.

use futures_util::future::join_all;

use super::*;

#[tokio::test]
async fn too_many_calls_end_no_call_that_is_allowed_in_the_end() {
    let refused = [(429, "{}", None); 12];
    let (scalekit, client) = Scalekit::saying("{}").first(&refused).open().await;
    let before = client.shared.clock.monotonic();

    client.directories(&acme()).await.unwrap();

    assert_eq!(scalekit.asked().len(), 1 + 12 + 1);
    assert!(client.shared.clock.monotonic().since(before) > Duration::from_mins(1));
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_said() {
    let (scalekit, client) = Scalekit::saying("{}").first(&[(302, "", None)]).open().await;

    let error = client.directories(&acme()).await.unwrap_err();

    assert_eq!(
        error.to_string(),
        "Scalekit said no: it redirects to another address, which is not followed"
    );
    assert_eq!(scalekit.asked().len(), 2);
}

#[tokio::test]
async fn many_calls_fetch_one_token_and_after_a_refusal_one_more() {
    let (scalekit, client) = Scalekit::saying(r#"{"directories":[]}"#).open().await;
    let acme = acme();
    let many = || join_all((0..20).map(|_| client.directories(&acme)));
    assert!(many().await.into_iter().all(|answer| answer.is_ok()));
    assert_eq!(scalekit.tokens.load(Ordering::SeqCst), 1);

    scalekit.oldest.store(2, Ordering::SeqCst);
    assert!(many().await.into_iter().all(|answer| answer.is_ok()));

    assert_eq!(scalekit.tokens.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_token_that_is_refused_however_new_is_no_loop() {
    let (scalekit, client) = Scalekit::saying("{}").open().await;
    scalekit.oldest.store(usize::MAX, Ordering::SeqCst);

    let error = client.directories(&acme()).await.unwrap_err();

    assert!(matches!(error, Error::Credentials { .. }), "{error:?}");
    assert_eq!(scalekit.asked().len(), 4);
}

#[tokio::test]
async fn wrong_credentials_are_not_tried_again() {
    let (scalekit, client) = Scalekit { no_token: true, ..Scalekit::saying("{}") }.open().await;

    let error = client.directories(&acme()).await.unwrap_err();

    assert_eq!((error.code(), scalekit.asked().len()), ("invalid_client", 1));
    assert!(!format!("{error} {error:?} {client:?}").contains("very-secret"));
}

#[tokio::test]
async fn what_passes_is_tried_again_and_what_does_not_is_not() {
    let (scalekit, client) = Scalekit::saying("{}")
        .first(&[(503, "", None), (429, "{}", Some("0")), (500, "nonsense", Some("0.01"))])
        .open()
        .await;
    client.directories(&acme()).await.unwrap();
    assert_eq!((scalekit.asked().len(), client.calls()), (5, 5));

    let (scalekit, client) = Scalekit::saying("{}")
        .first(&[(404, include_str!("../samples/error_404.json"), None)])
        .open()
        .await;
    assert!(client.directories(&acme()).await.unwrap_err().is_not_found());
    assert_eq!(scalekit.asked().len(), 2);
}

#[tokio::test]
async fn patience_ends() {
    let busy = [(503, "", Some("0")); 100];
    let (scalekit, client) = Scalekit::saying("{}").first(&busy).open().await;

    let mut errors = Vec::new();
    for _ in 0..12 {
        errors.push(client.directories(&acme()).await.unwrap_err());
    }

    // Each call makes six tries until the retry budget is used up; after that each call makes one.
    assert_eq!(errors[0].code(), "HTTP_503");
    assert_eq!(scalekit.asked().len(), 1 + 12 + 40);
}

#[tokio::test]
async fn a_server_that_is_not_reachable_is_an_error_with_a_code() {
    let (_, client) = Scalekit::saying("{}").open().await;
    let gone = Client::new(
        "http://127.0.0.1:9".parse().unwrap(),
        client.shared.credentials.clone(),
        client.shared.clock.clone(),
    )
    .unwrap();
    *gone.shared.budget.lock().unwrap() = 0;

    assert_eq!(gone.directories(&acme()).await.unwrap_err().code(), "UNREACHABLE");
}
