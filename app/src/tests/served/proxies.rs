//! Seatkeeper behind nginx and HAProxy in Debian's default configuration: pages, forms, live
//! connections and webhooks work, and the limit on failed sign-ins counts by client and not by
//! proxy.

use std::{
    fs,
    io::Read,
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use seatkeeper::clock::Stopwatch;
use tempfile::TempDir;

use super::support::{Answer, PASSWORD, Server, ask_at, begin_at, free, joined};

const STAFF: &str = "sam.staff@seats.test";
/// The number of failed sign-ins of one client before further ones are refused unchecked.
const LIMIT: usize = 10;

/// A proxy process on a port of its own; it ends with the test.
struct Proxy {
    address: SocketAddr,
    child: Child,
    folder: TempDir,
}

impl Proxy {
    fn nginx(to: SocketAddr, location: &str) -> Self {
        let (address, folder) = (free(), tempfile::tempdir().unwrap());
        let path = folder.path().display();
        // the settings of Debian's nginx.conf, with all files in the folder of this test
        let configuration = format!(
            "daemon off;\nuser root;\npid {path}/pid;\nerror_log stderr;\nevents {{ worker_connections 768; }}\n\
             http {{\n sendfile on;\n tcp_nopush on;\n types_hash_max_size 2048;\n gzip on;\n access_log off;\n\
             client_body_temp_path {path}/body;\n proxy_temp_path {path}/proxy;\n fastcgi_temp_path {path}/fastcgi;\n\
             uwsgi_temp_path {path}/uwsgi;\n scgi_temp_path {path}/scgi;\n\
             server {{ listen {address}; location / {{ {location}proxy_pass http://{to}; }} }}\n}}\n"
        );
        let file = folder.path().join("nginx.conf");
        fs::write(&file, configuration).unwrap();
        let mut command = Command::new(program("nginx"));
        command.arg("-p").arg(folder.path()).arg("-c").arg(&file);
        Self::start(command, address, folder)
    }

    fn haproxy(to: SocketAddr, options: &str) -> Self {
        let (address, folder) = (free(), tempfile::tempdir().unwrap());
        // the time limits of Debian's haproxy.cfg
        let configuration = format!(
            "defaults\n mode http\n timeout connect 5000\n timeout client 50000\n timeout server 50000\n{options}\n\
             frontend seats\n bind {address}\n default_backend seatkeeper\nbackend seatkeeper\n server one {to}\n"
        );
        let file = folder.path().join("haproxy.cfg");
        fs::write(&file, configuration).unwrap();
        let mut command = Command::new(program("haproxy"));
        command.arg("-db").arg("-f").arg(&file);
        Self::start(command, address, folder)
    }

    fn start(mut command: Command, address: SocketAddr, folder: TempDir) -> Self {
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let proxy = Self { address, child, folder };
        for _ in 0..400 {
            if TcpStream::connect(address).is_ok() {
                return proxy;
            }
            thread::sleep(Duration::from_millis(25));
        }
        panic!(
            "the proxy never listened: {}",
            fs::read_to_string(proxy.folder.path().join("log")).unwrap()
        );
    }

    fn ask(&self, what: &str, headers: &str, body: &str) -> Answer {
        ask_at(self.address, what, headers, body)
    }

    fn page(&self, path: &str, cookie: &str) -> Answer {
        self.ask(&format!("GET {path}"), &format!("accept: text/html\r\ncookie: {cookie}\r\n"), "")
    }

    /// Sends a form as a browser does, with the origin that the browser knows: the proxy's.
    fn form(&self, name: &str, headers: &str, form: &str) -> Answer {
        let origin = format!("origin: http://{}\r\n", self.address);
        let kind = "accept: text/html\r\ncontent-type: application/x-www-form-urlencoded\r\n";
        self.ask(&format!("POST /api/{name}"), &format!("{kind}{origin}{headers}"), form)
    }

    fn sign_in(&self, password: &str, headers: &str) -> Answer {
        let form =
            format!("email={}&password={}", STAFF.replace('@', "%40"), password.replace(' ', "+"));
        self.form("sign_in", headers, &form)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // the proxy's worker processes end with it
        let _ = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// The path of a program; Debian installs the proxies in `/usr/sbin`, which may be missing in
/// `PATH`.
fn program(name: &str) -> PathBuf {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<_> =
        std::env::split_paths(&paths).chain([PathBuf::from("/usr/sbin")]).collect();
    folders.retain(|folder| folder.join(name).exists());
    let folder: &Path = folders
        .first()
        .unwrap_or_else(|| panic!("{name} is not installed; `cargo xtask test` installs it"));
    folder.join(name)
}

/// A server behind a proxy, with the proxy's address as its public address.
fn behind(
    start: fn(SocketAddr, &str) -> Proxy,
    options: &str,
    settings: &[(&'static str, &str)],
) -> (Server, Proxy) {
    let mut server = Server::new().organization("org_1").account(STAFF, "staff", &[]);
    for &(name, value) in settings {
        server = server.with(name, value);
    }
    let server = server.at(free());
    let proxy = start(server.address(), options);
    let server =
        server.with("SEATKEEPER_PUBLIC_URL", &format!("http://{}", proxy.address)).serving();
    (server, proxy)
}

/// Reads from a live connection until it has received all of the wanted texts.
pub fn read_until(stream: &mut TcpStream, wanted: &[&str], within: Duration) -> String {
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let (mut received, mut part, waiting) = (String::new(), [0; 4_096], Stopwatch::start());
    let has_all = |received: &str| wanted.iter().all(|one| received.contains(one));
    while waiting.elapsed() < within && !has_all(&received) {
        if let Ok(length) = stream.read(&mut part) {
            received.push_str(&String::from_utf8_lossy(&part[..length]));
        }
    }
    assert!(has_all(&received), "{wanted:?} within {within:?}: {received:?}");
    received
}

/// Does everything that a person and Scalekit do through the proxy.
fn everything_works(server: &Server, proxy: &Proxy) {
    assert_eq!(proxy.page("/sign-in", "").status, 200);
    let welcome = proxy.sign_in(PASSWORD, "");
    assert_eq!((welcome.status, welcome.header("location")), (303, Some("/")), "{welcome:?}");
    let cookie = welcome.session().unwrap().split(';').next().unwrap().to_owned();
    assert_eq!(proxy.page("/organizations/org_1", &cookie).status, 200);

    let cookie_header = format!("cookie: {cookie}\r\n");
    let chosen = proxy.form("set_theme", &cookie_header, "theme=dark");
    assert_eq!((chosen.status, chosen.header("location")), (303, Some("/")), "{chosen:?}");
    let kind = "accept: text/html\r\ncontent-type: application/x-www-form-urlencoded\r\n";
    let foreign =
        format!("{kind}origin: http://evil.test\r\nsec-fetch-site: cross-site\r\n{cookie_header}");
    assert_eq!(proxy.ask("POST /api/set_theme", &foreign, "theme=light").status, 403);

    let live = format!("accept: text/event-stream\r\naccept-encoding: gzip, br\r\n{cookie_header}");
    let mut live = begin_at(proxy.address, "GET /live?organization=org_1", &live, b"");
    read_until(&mut live, &["data: "], Duration::from_secs(2));
    server.deliver_at(proxy.address, "msg_1", &joined(1));
    read_until(&mut live, &["data: "], Duration::from_secs(2));
}

/// The number of 25 guessed passwords that were checked; each guess claims another client address.
fn guesses(proxy: &Proxy, header: &str) -> usize {
    let one = |n| proxy.sign_in("a wrong one", &format!("{header}{n}\r\n"));
    (1..=25)
        .map(one)
        .filter(|answer| answer.header("location").is_some_and(|to| to.contains("refused=sign-in")))
        .count()
}

const NGINX_PARAMETERS: &str = "proxy_set_header Host $http_host; proxy_set_header X-Real-IP $remote_addr; \
     proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme; ";

#[test]
fn everything_works_behind_nginx_that_does_nothing_but_pass_on() {
    let (server, proxy) = behind(Proxy::nginx, "", &[]);

    everything_works(&server, &proxy);
}

#[test]
fn everything_works_behind_nginx_with_debians_proxy_parameters() {
    let (server, proxy) =
        behind(Proxy::nginx, NGINX_PARAMETERS, &[("SEATKEEPER_TRUSTED_PROXIES", "127.0.0.1")]);

    everything_works(&server, &proxy);
}

#[test]
fn everything_works_behind_haproxy() {
    let (server, proxy) = behind(Proxy::haproxy, "", &[]);

    everything_works(&server, &proxy);
}

#[test]
fn a_client_of_haproxy_cannot_choose_its_address() {
    for trusted in ["127.0.0.1", "1"] {
        let (_server, proxy) = behind(
            Proxy::haproxy,
            " option forwardfor",
            &[("SEATKEEPER_TRUSTED_PROXIES", trusted)],
        );

        assert_eq!(guesses(&proxy, "x-forwarded-for: 198.51.100."), LIMIT, "{trusted}");
    }
}

#[test]
fn a_client_of_nginx_cannot_choose_its_address() {
    for header in
        ["x-forwarded-for: 198.51.100.", "forwarded: for=198.51.100.", "x-real-ip: 198.51.100."]
    {
        let (_server, proxy) =
            behind(Proxy::nginx, NGINX_PARAMETERS, &[("SEATKEEPER_TRUSTED_PROXIES", "127.0.0.1")]);

        assert_eq!(guesses(&proxy, header), LIMIT, "{header}");
    }
}

#[test]
fn two_clients_of_a_proxy_have_two_addresses_also_on_an_ipv6_socket() {
    // HAProxy is the second of two trusted proxies here, so the client address that the first one
    // reports counts.
    let settings = [("SEATKEEPER_TRUSTED_PROXIES", "127.0.0.1 2"), ("SEATKEEPER_LISTEN", "[::]")];
    let (_server, proxy) = behind(Proxy::haproxy, " option forwardfor", &settings);
    let from = |address: &str, password: &str| {
        proxy.sign_in(password, &format!("x-forwarded-for: {address}\r\n"))
    };

    for _ in 0..LIMIT + 2 {
        from("198.51.100.7", "a wrong one");
    }

    assert!(
        from("198.51.100.7", PASSWORD).header("location").unwrap().contains("refused=attempts")
    );
    assert_eq!(from("203.0.113.5", PASSWORD).header("location"), Some("/"), "another client");
}

#[test]
fn a_known_device_signs_in_whatever_a_stranger_behind_the_same_proxy_tries() {
    let (_server, proxy) = behind(Proxy::haproxy, "", &[]);
    let welcome = proxy.sign_in(PASSWORD, "");
    let device = welcome.device().unwrap().split(';').next().unwrap().to_owned();
    let parts: Vec<_> = welcome.device().unwrap().split("; ").skip(1).collect();
    assert!(
        parts.contains(&"HttpOnly") && parts.contains(&"SameSite=Lax") && parts.contains(&"Path=/"),
        "{parts:?}"
    );

    assert_eq!(guesses(&proxy, "x-forwarded-for: 198.51.100."), LIMIT);

    assert!(proxy.sign_in(PASSWORD, "").header("location").unwrap().contains("refused=attempts"));
    assert_eq!(
        proxy.sign_in(PASSWORD, &format!("cookie: {device}\r\n")).header("location"),
        Some("/")
    );
}
