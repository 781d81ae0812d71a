//! `seatkeeper demo` as a user meets it: it starts, shows its customers, and leaves no files behind
//! whenever it is stopped.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use tempfile::TempDir;

/// A demo process on its own ports, with its own temporary folder.
struct Demo {
    child: Child,
    temporary: TempDir,
}

impl Demo {
    fn start() -> Self {
        Self::listening("127.0.0.1:0", &[])
    }

    fn listening(address: &str, more: &[&str]) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_seatkeeper"));
        command
            .args(["demo", "--listen", address])
            .args(more)
            .current_dir(temporary.path())
            .env("TMPDIR", temporary.path());
        let child = command
            .env_remove("RUST_LOG")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { child, temporary }
    }

    /// The demo's folders in the temporary folder.
    fn folders(&self) -> Vec<String> {
        let names = fs::read_dir(self.temporary.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with("seatkeeper_")).collect()
    }

    /// Sends SIGINT, as Ctrl-C does, and waits for the end.
    fn interrupt(&mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        for _ in 0..1_200 {
            if let Some(ended) = self.child.try_wait().unwrap() {
                return ended;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("it goes on and on");
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill(); // the process may have ended already
        let _ = self.child.wait();
    }
}

/// Reads line by line up to the last one that is needed. A thread reads the rest, so that the demo
/// does not block on a full pipe.
fn read_until(stream: impl Read + Send + 'static, is_last: impl Fn(&str) -> bool) -> Vec<String> {
    let mut lines = BufReader::new(stream).lines();
    let mut read = Vec::new();
    while let Some(Ok(line)) = lines.next() {
        let last = is_last(&line);
        read.push(line);
        if last {
            thread::spawn(move || lines.for_each(drop));
            return read;
        }
    }
    panic!("it ended after\n{}", read.join("\n"));
}

fn ask(address: &str, request: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(stream, "{request}\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The session cookie that a browser would send from then on.
fn cookie(welcome: &str) -> Option<String> {
    let mut cookies =
        welcome.lines().filter_map(|line| line.strip_prefix("set-cookie: seatkeeper-"));
    let line = cookies.find(|line| !line.starts_with("device-"))?;
    Some(format!("seatkeeper-{}", line.split(';').next()?))
}

fn signs_in(address: &str, email: &str, password: &str) -> bool {
    let form = format!("email={}&password={password}", email.replace('@', "%40"));
    let head = "POST /api/sign_in HTTP/1.1\r\naccept: application/json\r\ncontent-type: application/x-www-form-urlencoded";
    cookie(&ask(address, head, &form)).is_some()
}

const SAM: &str = "sam@seatkeeper.test";
const KNOWN: &str = "seats-for-everyone";

/// The address of the demo, and the password that is printed below the account.
fn printed(lines: &[String], email: &str) -> (String, String) {
    let port = lines
        .iter()
        .find_map(|line| line.split_once("open at  http://")?.1.rsplit_once(':'))
        .unwrap()
        .1;
    let at = lines.iter().position(|line| line.contains(email)).unwrap();
    let password = lines[at + 1].split_once("password  ").unwrap().1;
    (format!("127.0.0.1:{}", port.trim()), password.trim().to_owned())
}

#[test]
fn open_to_other_machines_it_has_random_passwords_and_says_so() {
    let kept = tempfile::tempdir().unwrap();
    let keep = ["--keep", kept.path().to_str().unwrap()];
    let mut before = Demo::listening("127.0.0.1:0", &keep);
    read_until(before.child.stdout.take().unwrap(), |line| line.contains("Ctrl-C"));
    before.interrupt();

    let mut passwords = BTreeSet::new();
    for _ in 0..2 {
        let mut demo = Demo::listening("0.0.0.0:0", &keep);
        let lines = read_until(demo.child.stdout.take().unwrap(), |line| line.contains("Ctrl-C"));
        read_until(demo.child.stderr.take().unwrap(), |line| {
            line.contains("WARNING: other machines reach this address")
        });
        let (address, password) = printed(&lines, SAM);

        assert!(!lines.iter().any(|line| line.contains(KNOWN)), "{lines:?}");
        assert!(!signs_in(&address, SAM, KNOWN), "the published password still works");
        assert!(signs_in(&address, SAM, &password) && password.len() >= 24, "{password}");
        passwords.insert(password);
        passwords.insert(printed(&lines, "kim@").1);
        demo.interrupt();
    }
    assert_eq!(passwords.len(), 4, "each account and each start has its own");

    let mut after = Demo::listening("127.0.0.1:0", &keep);
    let lines = read_until(after.child.stdout.take().unwrap(), |line| line.contains("Ctrl-C"));
    let address =
        lines.iter().find_map(|line| Some(line.split_once("open at  http://")?.1.trim())).unwrap();
    assert!(signs_in(address, SAM, KNOWN), "what it prints is true");
    assert_eq!(after.interrupt().code(), Some(0));
    for (command, id) in [("api-key", "\"key_"), ("webhook-endpoint", "\"wep_")] {
        let listed = listed(kept.path(), command);
        assert_eq!(listed.matches(id).count(), 1, "the product keeps what it has: {listed}");
    }
}

/// What the database of a demo has of one kind.
fn listed(kept: &Path, command: &str) -> String {
    let listed = Command::new(env!("CARGO_BIN_EXE_seatkeeper"))
        .args([command, "list", "--json"])
        .current_dir(kept)
        .env("DATABASE_URL", format!("sqlite://{}", kept.join("demo.db").display()))
        .output();
    String::from_utf8(listed.unwrap().stdout).unwrap()
}

#[test]
fn two_on_one_host_do_not_end_each_others_sessions() {
    let (mut one, mut two) = (Demo::start(), Demo::start());
    let opened = [&mut one, &mut two].map(|demo| {
        let stderr = demo.child.stderr.take().unwrap();
        thread::spawn(move || BufReader::new(stderr).lines().for_each(drop));
        let lines = read_until(demo.child.stdout.take().unwrap(), |line| line.contains("Ctrl-C"));
        lines
            .iter()
            .find_map(|line| Some(line.split_once("open at  http://")?.1.trim().to_owned()))
            .unwrap()
    });
    let head = "POST /api/sign_in HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded";
    let form = format!("email={}&password={KNOWN}", SAM.replace('@', "%40"));

    // like a browser, which keeps one cookie of each name for a host and ignores the port
    let first = cookie(&ask(&opened[0], head, &form)).unwrap();
    let second = cookie(&ask(&opened[1], &format!("{head}\r\ncookie: {first}"), &form)).unwrap();
    let jar = if first.split('=').next() == second.split('=').next() {
        second
    } else {
        format!("{first}; {second}")
    };

    for address in &opened {
        let page = ask(address, &format!("GET /organizations HTTP/1.1\r\ncookie: {jar}"), "");
        assert!(page.starts_with("HTTP/1.1 200"), "{address}: {page}");
    }
}

#[test]
fn the_sign_ins_it_prints_open_twelve_customers_and_nothing_is_left_afterwards() {
    let mut demo = Demo::start();
    thread::spawn({
        let stderr = demo.child.stderr.take().unwrap();
        move || BufReader::new(stderr).lines().for_each(drop)
    });
    let lines = read_until(demo.child.stdout.take().unwrap(), |line| line.contains("Ctrl-C"));
    let after =
        |words: &str| lines.iter().find_map(|line| Some(line.split_once(words)?.1.trim())).unwrap();
    let (address, password) = (after("open at  http://"), after("password is "));
    let email = lines
        .iter()
        .find(|line| line.contains("staff-admin"))
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap();
    assert_eq!(demo.folders().len(), 1);

    let form = format!("email={}&password={password}", email.replace('@', "%40"));
    let welcome = ask(
        address,
        "POST /api/sign_in HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded",
        &form,
    );
    let cookie = cookie(&welcome).unwrap();
    let page = ask(address, &format!("GET /organizations HTTP/1.1\r\ncookie: {cookie}"), "");

    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    let customers = page
        .split("href=\"/organizations/")
        .skip(1)
        .map(|rest| rest.split(['"', '/', '?']).next().unwrap())
        .filter(|id| id.starts_with("org_"));
    assert_eq!(customers.collect::<BTreeSet<_>>().len(), 12, "{page}");
    assert_eq!(demo.interrupt().code(), Some(0));
    assert_eq!(demo.folders(), [""; 0]);
}

/// The text between two others.
fn between<'a>(text: &'a str, begin: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(begin).unwrap_or_else(|| panic!("{begin}: {text}"));
    rest.split_once(end).unwrap_or_else(|| panic!("{end}: {text}")).0
}

/// Asks until the answer has the text.
fn wait_for(address: &str, request: &str, text: &str) -> String {
    for _ in 0..600 {
        let answer = ask(address, request, "");
        if answer.contains(text) {
            return answer;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("no {text}: {}", ask(address, request, ""));
}

#[test]
fn a_person_without_a_seat_gets_into_the_product_after_another_one_left() {
    let mut demo = Demo::listening("127.0.0.1:0", &["--rate", "0.001"]);
    let stderr = demo.child.stderr.take().unwrap();
    thread::spawn(move || BufReader::new(stderr).lines().for_each(drop));
    let lines = read_until(demo.child.stdout.take().unwrap(), |line| line.contains("Ctrl-C"));
    let after = |words: &str| lines.iter().find_map(|line| line.split_once(words)).unwrap().1;
    let (product, simulator) =
        (after("each time, open  http://").trim(), after("inject faults, open  http://").trim());
    // all seats are taken, seven people wait, and one page of the simulator lists them all
    let page = ask(product, "GET / HTTP/1.1", "");
    let (before, _) = page.split_once(">Solstice Games</option>").unwrap();
    let organization = before.rsplit_once("value=\"").unwrap().1.split('"').next().unwrap();
    let page = ask(product, &format!("GET /?organization={organization} HTTP/1.1"), "");
    let (_, waiting) = page.split_once("On the waitlist").unwrap();
    let button = "<button name=\"user\" value=\"";
    let waits = between(waiting, button, "\"").replace('@', "%40");
    let holder = between(&page, button, "\"");
    let sign_in = format!("GET /?organization={organization}&user={waits} HTTP/1.1");

    let refused = ask(product, &sign_in, "");
    let people = ask(simulator, &format!("GET /organizations/{organization} HTTP/1.1"), "");
    let leaves = between(people.split_once(holder).unwrap().1, "name=\"person\" value=\"", "\"");
    let form = "POST /acts HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded";
    let fire = format!("act=fire&organization={organization}&person={leaves}");
    let fired = ask(simulator, form, &fire);
    let webhooks = wait_for(product, "GET /webhooks HTTP/1.1", "got a seat.");
    let admitted = ask(product, &sign_in, "");

    assert!(refused.contains("No seat for ") && refused.contains("&#34;position&#34;: 1"));
    assert!(fired.starts_with("HTTP/1.1 303"), "{fired}");
    assert!(webhooks.contains("no longer has a seat.") && webhooks.contains("signature verified"));
    assert!(admitted.contains(" is in, with "), "{admitted}");
    assert!(admitted.contains("&#34;state&#34;: &#34;provisioned&#34;"), "{admitted}");

    let forged = "POST /webhooks HTTP/1.1\r\nwebhook-id: oev_1\r\nwebhook-timestamp: 1\r\nwebhook-signature: v1,AAAA";
    assert!(ask(product, forged, "{}").starts_with("HTTP/1.1 400"));
    assert_eq!(demo.interrupt().code(), Some(0), "an open product does not hold up the stop");
}

#[test]
fn stopped_before_it_is_open_it_leaves_nothing_behind_either() {
    for moment in ["there is no database yet", "inviting twelve customers"] {
        let mut demo = Demo::start();
        read_until(demo.child.stderr.take().unwrap(), |line| line.contains(moment));

        let ended = demo.interrupt();

        assert_eq!(ended.code(), Some(0), "{moment}: {ended}");
        assert_eq!(demo.folders(), [""; 0], "{moment}");
        let mut printed = String::new();
        demo.child.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
        assert_eq!(printed, "", "{moment}: the banner is not printed during a stop");
    }
}
