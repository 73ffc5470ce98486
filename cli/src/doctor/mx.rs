//! The MX record of the domain that mail comes from. Other servers bring the answers to our mail
//! where this record says.
//!
//! One question to the name servers that this machine uses, by UDP (RFC 1035, section 4.2.1). The
//! answer is taken as a stranger's: its parts are read by `simple-dns`, and what is printed of it
//! goes through [`visible`].

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE};

use super::Check;
use crate::output::visible;

/// The name of the check.
pub(super) const CHECK: &str = "mx";
/// Where this machine's name servers are named (resolv.conf(5)).
const SERVERS: &str = "/etc/resolv.conf";
/// As many name servers as resolv.conf(5) reads.
const MAX_SERVERS: usize = 3;
/// How long one of them may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest answer by UDP that a server may send without being asked for a longer one is 512
/// bytes. Some send more.
const MAX_ANSWER: usize = 4096;

/// What the DNS says about a domain's mail.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    /// Its mail servers, each with its preference. The lowest is tried first.
    Servers(Vec<(u16, String)>),
    /// There is no such domain.
    NoDomain,
}

/// Whether the mail of `domain` goes to SES in `region`. `id` is the question's random number.
pub(super) fn check(domain: &str, region: &str, id: u16) -> Check {
    let servers = std::fs::read_to_string(SERVERS).map(|text| name_servers(&text)).unwrap_or_default();
    if servers.is_empty() {
        return Check::unchecked(CHECK, format!("not checked: {SERVERS} names no name server. {}", by_hand(domain)));
    }
    let mut failure = String::new();
    for server in servers {
        match asked(SocketAddr::new(server, 53), domain, id) {
            Ok(answer) => return of(&answer, domain, region),
            Err(text) => failure = format!("{server}: {text}"),
        }
    }
    Check::unchecked(CHECK, format!("not checked: {failure}. {}", by_hand(domain)))
}

fn by_hand(domain: &str) -> String {
    format!("`dig MX {}` says what the record is", visible(domain))
}

/// The addresses of name servers in resolv.conf.
fn name_servers(text: &str) -> Vec<IpAddr> {
    let addresses = text.lines().filter_map(|line| line.trim().strip_prefix("nameserver"));
    addresses.filter_map(|address| address.trim().parse().ok()).take(MAX_SERVERS).collect()
}

/// Asks one name server.
fn asked(server: SocketAddr, domain: &str, id: u16) -> Result<Answer, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let question = question(domain, id)?;
    let any: IpAddr = if server.is_ipv4() { [0, 0, 0, 0].into() } else { [0_u16; 8].into() };
    let socket = UdpSocket::bind((any, 0)).map_err(|error| text(&error))?;
    socket.set_read_timeout(Some(PATIENCE)).map_err(|error| text(&error))?;
    // A connected socket takes datagrams of this server alone.
    socket.connect(server).and_then(|()| socket.send(&question)).map_err(|error| text(&error))?;
    let mut bytes = [0; MAX_ANSWER];
    let length = socket.recv(&mut bytes).map_err(|error| format!("does not answer: {error}"))?;
    read(bytes.get(..length).unwrap_or_default(), domain, id)
}

/// The question for the MX records of a domain.
fn question(domain: &str, id: u16) -> Result<Vec<u8>, String> {
    let name = Name::new(domain).map_err(|error| format!("{} is no domain: {error}", visible(domain)))?;
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    packet.questions.push(Question::new(name, QTYPE::TYPE(TYPE::MX), QCLASS::CLASS(CLASS::IN), false));
    packet.build_bytes_vec().map_err(|error| error.to_string())
}

/// Reads the answer to [`question`].
fn read(bytes: &[u8], domain: &str, id: u16) -> Result<Answer, String> {
    let packet = Packet::parse(bytes).map_err(|error| format!("the answer cannot be read: {error}"))?;
    let asked = packet.questions.first().is_some_and(|question| same(&question.qname.to_string(), domain));
    if packet.id() != id || !packet.has_flags(PacketFlag::RESPONSE) || !asked {
        return Err("the answer is to another question".to_owned());
    }
    match packet.rcode() {
        RCODE::NoError if packet.has_flags(PacketFlag::TRUNCATION) => {
            Err("there are more records than one answer holds".to_owned())
        }
        RCODE::NoError => {
            let servers = packet.answers.iter().filter_map(|record| match &record.rdata {
                RData::MX(mx) => Some((mx.preference, mx.exchange.to_string())),
                _ => None,
            });
            let mut servers: Vec<_> = servers.collect();
            servers.sort();
            Ok(Answer::Servers(servers))
        }
        RCODE::NameError => Ok(Answer::NoDomain),
        code => Err(format!("the name server refuses the question: {code:?}")),
    }
}

/// Whether two names are the same. A name may end in a dot.
fn same(one: &str, other: &str) -> bool {
    one.trim_end_matches('.').eq_ignore_ascii_case(other.trim_end_matches('.'))
}

/// What an answer means for the mail of a domain.
fn of(answer: &Answer, domain: &str, region: &str) -> Check {
    let wanted = format!("inbound-smtp.{region}.amazonaws.com");
    let (domain, fix) = (
        visible(domain),
        format!(
            "Enter an MX record for {} with the value `10 {wanted}`; docs/deploy.md, \"Mail\", says how",
            visible(domain)
        ),
    );
    let servers = match answer {
        Answer::NoDomain => return Check::wrong(CHECK, format!("the DNS knows no domain {domain}"), fix),
        Answer::Servers(servers) => servers,
    };
    match servers.first() {
        None => Check::wrong(CHECK, format!("{domain} has no MX record, so no answer arrives"), fix),
        Some((_, first)) if same(first, &wanted) => {
            Check::ok(CHECK, format!("mail to {domain} goes to SES in {region}"))
        }
        Some((_, first)) => Check::wrong(CHECK, format!("mail to {domain} goes to {}", visible(first)), fix),
    }
}

#[cfg(test)]
mod tests {
    use simple_dns::ResourceRecord;
    use simple_dns::rdata::{A, MX};

    use super::super::CheckResult;
    use super::*;

    const DOMAIN: &str = "disputes.example.com";
    const SES: &str = "inbound-smtp.eu-west-1.amazonaws.com";

    fn record<'a>(data: RData<'a>) -> ResourceRecord<'a> {
        ResourceRecord::new(Name::new(DOMAIN).unwrap(), CLASS::IN, 60, data)
    }

    fn answered(servers: &[(u16, &'static str)], change: impl Fn(&mut Packet<'_>)) -> Result<Answer, String> {
        let asked = question(DOMAIN, 7).unwrap();
        let mut packet = Packet::parse(&asked).unwrap().into_reply();
        packet.questions = vec![Question::new(
            Name::new("Disputes.Example.COM").unwrap(),
            QTYPE::TYPE(TYPE::MX),
            QCLASS::CLASS(CLASS::IN),
            false,
        )];
        packet.answers = servers
            .iter()
            .map(|(preference, exchange)| {
                record(RData::MX(MX { preference: *preference, exchange: Name::new(exchange).unwrap() }))
            })
            .collect();
        // An answer may hold other records, such as a name server's address.
        packet.answers.push(record(RData::A(A { address: 0x7f00_0001 })));
        change(&mut packet);
        let bytes = packet.build_bytes_vec_compressed().unwrap();
        read(&bytes, DOMAIN, 7)
    }

    #[test]
    fn the_server_with_the_lowest_preference_has_to_be_ses() {
        let verdict = |servers: &[(u16, &'static str)]| of(&answered(servers, |_| {}).unwrap(), DOMAIN, "eu-west-1");
        assert_eq!(verdict(&[(10, "INBOUND-SMTP.eu-west-1.amazonaws.com")]).verdict, CheckResult::Ok);
        assert_eq!(verdict(&[(20, "mx.example.com"), (10, SES)]).verdict, CheckResult::Ok);
        let wrong = [&[][..], &[(5, "mx.example.com"), (10, SES)], &[(10, "inbound-smtp.us-east-1.amazonaws.com")]];
        for servers in wrong {
            let check = verdict(servers);
            assert_eq!(check.verdict, CheckResult::Wrong, "{servers:?}");
            assert!(check.fix.unwrap().contains(&format!("`10 {SES}`")), "{servers:?}");
        }
        assert_eq!(of(&Answer::NoDomain, DOMAIN, "eu-west-1").verdict, CheckResult::Wrong);
    }

    #[test]
    fn an_answer_to_another_question_or_with_an_error_is_none() {
        assert_eq!(answered(&[], |packet| *packet.rcode_mut() = RCODE::NameError), Ok(Answer::NoDomain));
        for change in [
            (|packet: &mut Packet<'_>| packet.set_id(8)) as fn(&mut Packet<'_>),
            |packet| packet.remove_flags(PacketFlag::RESPONSE),
            |packet| packet.questions.clear(),
            |packet| packet.set_flags(PacketFlag::TRUNCATION),
            |packet| *packet.rcode_mut() = RCODE::ServerFailure,
        ] {
            assert!(answered(&[(10, SES)], change).is_err());
        }
        assert!(read(b"", DOMAIN, 7).is_err() && read(&[0xff; 40], DOMAIN, 7).is_err());
        assert!(question(&"x".repeat(64), 7).is_err(), "a label has at most 63 bytes");
    }

    #[test]
    fn name_servers_are_read_from_resolv_conf() {
        let text = "# made by hand\nsearch example.com\nnameserver 10.0.0.2\n nameserver\tfd00::2\nnameserver x\n";
        assert_eq!(name_servers(text), ["10.0.0.2".parse::<IpAddr>().unwrap(), "fd00::2".parse().unwrap()]);
        assert!(name_servers("").is_empty());
    }

    /// A question and its answer over a socket, from a server of the test.
    #[test]
    fn a_server_is_asked_and_its_answer_is_read() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            let mut bytes = [0; 512];
            let (length, from) = server.recv_from(&mut bytes).unwrap();
            let mut reply = Packet::parse(&bytes[..length]).unwrap().into_reply();
            let exchange = Name::new(SES).unwrap();
            reply.answers.push(record(RData::MX(MX { preference: 10, exchange })));
            server.send_to(&reply.build_bytes_vec().unwrap(), from).unwrap();
        });
        assert_eq!(asked(address, DOMAIN, 9), Ok(Answer::Servers(vec![(10, SES.to_owned())])));
        thread.join().unwrap();
    }
}
