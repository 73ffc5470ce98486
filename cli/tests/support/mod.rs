//! A service that answers as a test says, and the command line run against it.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::thread;

use recourse_signing::Secret;
use recourse_signing::v1::{self, SignedHeaders};

/// A request that the service received.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Whether the v1 signature is what `secret` makes of the request.
    pub fn is_signed(&self, secret: &str) -> bool {
        let headers = SignedHeaders::parse(|name| self.header(name).map(str::as_bytes)).unwrap();
        let parts = headers.parts(&self.method, "", &self.body);
        v1::verify(&Secret::from_base64(secret).unwrap(), &parts, &headers.signature).is_ok()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// The answer to a request: status and body, or none when the connection is cut.
pub type Reply = Option<(u16, String)>;

/// Starts a service on a free port; it lives as long as the test process. Returns its address.
pub fn serve(handler: impl Fn(&Request) -> Reply + Clone + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for connection in listener.incoming() {
            let handler = handler.clone();
            thread::spawn(move || answer(connection.unwrap(), &handler));
        }
    });
    url
}

fn answer(mut connection: TcpStream, handler: &impl Fn(&Request) -> Reply) {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    while let Some(request) = read(&mut reader) {
        let Some((status, body)) = handler(&request) else { return };
        let head =
            format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        if connection.write_all(format!("{head}{body}").as_bytes()).is_err() {
            return;
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        Some(line.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let header = line()?;
        let Some((name, value)) = header.split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut request = Request { method, target, headers, body: Vec::new() };
    request.body = vec![0; request.header("content-length").map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut request.body).ok()?;
    Some(request)
}

/// `recourse` in `folder`. Its environment has only the path of programs, a user, and a proxy that
/// requests to this machine must not use.
pub fn recourse(folder: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_recourse"));
    command.current_dir(folder).env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("USER", "alice");
    command.env("HTTP_PROXY", "http://127.0.0.1:1").env("ALL_PROXY", "http://127.0.0.1:1");
    command
}

/// Exit code, stdout and stderr.
pub fn ended(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}
