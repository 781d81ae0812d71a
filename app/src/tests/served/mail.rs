//! A server without a mail server says so, and keeps its e-mails until there is one.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use super::support::{Server, joined};

const STAFF: &str = "sam.staff@seats.test";

#[test]
fn emails_wait_until_a_mail_server_is_set_and_the_system_page_says_so() {
    let server = Server::new().account(STAFF, "staff", &[]).organization("org_1").serving();
    let cookie = server.signed_in(STAFF);
    assert!(server.log().contains("SMTP_URL is not set"), "{}", server.log());
    assert!(system(&server, &cookie).contains("Nothing needs your attention."));

    for n in 0..4 {
        server.deliver(&format!("msg_{n}"), &joined(n));
    }

    let page = system(&server, &cookie);
    assert!(
        page.contains("One thing needs your attention: e-mails wait until a mail server is set."),
        "{page}"
    );
    assert!(
        page.contains("Mail server|Not set: e-mails wait until a mail server is set|"),
        "{page}"
    );
    let waiting = waiting(&page);
    assert!(waiting > 0, "{page}");

    let (address, received) = mail_server();
    let server = server.ended().with("SMTP_URL", &format!("smtp://{address}")).serving();
    server.wait_for("none waits", || self::waiting(&system(&server, &cookie)) == 0);
    // one that a worker holds does not wait, and has not arrived yet
    server.wait_for("every e-mail is there", || received.load(Ordering::SeqCst) == waiting);
    let page = system(&server, &cookie);
    assert!(
        page.contains(&format!("Mail server|smtp://{address}"))
            && page.contains("Nothing needs your attention."),
        "{page}"
    );
}

/// The text of the system page, with a `|` in place of markup.
fn system(server: &Server, cookie: &str) -> String {
    let page = server.page("/system", cookie);
    assert_eq!(page.status, 200);
    let words = page
        .body
        .split("<main")
        .nth(1)
        .unwrap()
        .split('<')
        .filter_map(|part| part.split_once('>'))
        .map(|(_, text)| text.trim());
    words.filter(|text| !text.is_empty()).fold(String::new(), |all, text| all + text + "|")
}

fn waiting(page: &str) -> usize {
    page.split("Waiting to be sent|").nth(1).unwrap().split('|').next().unwrap().parse().unwrap()
}

/// Starts a mail server that accepts every e-mail and counts them.
fn mail_server() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let received = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&received);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let count = Arc::clone(&count);
            thread::spawn(move || take(stream, &count));
        }
    });
    (address, received)
}

fn take(mut stream: TcpStream, count: &AtomicUsize) -> std::io::Result<()> {
    stream.write_all(b"220 mail.test\r\n")?;
    let mut in_body = false;
    for line in BufReader::new(stream.try_clone()?).lines() {
        let line = line?;
        let answer: &[u8] = match line.as_str() {
            "." => b"250 taken\r\n",
            _ if in_body => continue,
            "DATA" => b"354 go on\r\n",
            _ => b"250 fine\r\n",
        };
        if line == "." {
            count.fetch_add(1, Ordering::SeqCst);
        }
        in_body = line == "DATA";
        stream.write_all(answer)?;
    }
    Ok(())
}
