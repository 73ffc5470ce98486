//! The ways of writing an address that is not public.

use tokio_rustls::rustls::pki_types::ServerName;

use super::*;
use crate::check_address;

/// A client with the rules of a deployed function.
fn deployed() -> Client {
    Client::with(RootCertStore::empty(), Local::default(), Rules::default()).unwrap()
}

#[tokio::test]
async fn no_form_of_a_private_address_is_connected_to() {
    let listener = tokio::net::TcpListener::bind("[::]:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = deployed();
    for host in [
        // Loopback.
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0X7F.1",
        "0x7f.0.0.0x1",
        "0177.0.0.1",
        "017700000001",
        "0177.0x0.0.01",
        "%31%32%37.0.0.1",
        "127%2e0%2e0%2e1",
        "１２７.0.0.1",
        "127。0。0。1",
        "①②⑦.⓪.⓪.①",
        "127.255.255.254",
        "localhost",
        "LOCALHOST",
        "ｌocalhost",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[0000::0001]",
        // This host.
        "0",
        "0.0.0.0",
        "0x0",
        "[::]",
        // IPv4 in IPv6: mapped, compatible, translated, NAT64, 6to4, Teredo.
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:169.254.169.254]",
        "[::127.0.0.1]",
        "[::ffff:0:127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b::a9fe:a9fe]",
        "[64:ff9b:1::10.0.0.1]",
        "[2002:7f00:1::]",
        "[2002:a9fe:a9fe::1]",
        "[2001:0:7f00:1::1]",
        // What AWS has there: metadata of an instance, credentials of a container, DNS, time.
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "169.254.170.2",
        "[fd00:ec2::254]",
        "[fd00:ec2::23]",
        // Networks of one's own.
        "10.0.0.1",
        "10.1",
        "012.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "192.168.257",
        "3232235777",
        "100.64.0.1",
        "198.18.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "255.255.255.255",
        "[fc00::1]",
        "[fe80::1]",
        "[ff02::1]",
        "[2001:db8::1]",
    ] {
        let answer = asked(&client, &format!("https://{host}:{port}/")).await;
        assert_eq!(answer, Err(ProviderError::PrivateAddress), "{host}");
        let answer = posted(&client, &format!("https://{host}:{port}/")).await;
        assert_eq!(answer, Err(ProviderError::PrivateAddress), "an event to {host}");
    }
    // Which of these names there are depends on the resolver.
    for host in ["localhost.", "provider.localhost", "ip6-localhost", "localhost.localdomain", "broadcasthost"] {
        let answer = asked(&client, &format!("https://{host}:{port}/")).await;
        assert!(matches!(answer, Err(ProviderError::PrivateAddress | ProviderError::NoSuchHost)), "{host} {answer:?}");
    }
    let connection = timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(connection.is_err(), "something connected");
}

#[tokio::test]
async fn what_is_no_address_of_a_provider_is_refused_before_it_is_resolved() {
    let client = deployed();
    let long = format!("https://provider.example/{}", "a".repeat(2048));
    for url in [
        "",
        "provider.example",
        "//provider.example/",
        "http://provider.example/",
        "http://127.0.0.1/",
        "HTTP://8.8.8.8/",
        "ftp://provider.example/",
        "file:///etc/passwd",
        "data:application/json,{}",
        "javascript:alert(1)",
        "https://",
        "https:///",
        "https://:443/",
        "https://user@provider.example/",
        "https://user:password@provider.example/",
        "https://:password@provider.example/",
        "https://provider.example:443@127.0.0.1/",
        "https://provider.example#@127.0.0.1/",
        "https://provider.example/#part",
        "https://provider.example:99999/",
        "https://provider.example:0x1bb/",
        "https://[fe80::1%25eth0]/",
        "https://[fe80::1%eth0]/",
        "https://[::1/",
        "https://[::ffff:127.0.0.1.]/",
        "https://[1:2:3]/",
        "https://256.256.256.256/",
        "https://127.0.0.1.1/",
        "https://0x100000000/",
        "https://127.0.0.08/",
        "https://a b/",
        "https://a%00b/",
        "https://a<b/",
        "https://xn--a/",
        &long,
    ] {
        assert_eq!(asked(&client, url).await, Err(ProviderError::BadUrl), "{url}");
        assert_eq!(posted(&client, url).await, Err(ProviderError::BadUrl), "an event to {url}");
        assert_eq!(check_address(url, false), Err(ProviderError::BadUrl), "{url}");
    }
}

#[test]
fn an_address_is_checked_as_far_as_its_text_tells() {
    for url in ["https://client.example/hooks?a=b", "https://8.8.8.8:8443", "https://localhost/"] {
        assert_eq!(check_address(url, false), Ok(()), "{url}");
    }
    for url in [" https://8.8.8.8/", "https://8.8.8.8/\n", "https://cli\tent.example/", "https://client.example/a b"] {
        assert_eq!(check_address(url, false), Err(ProviderError::BadUrl), "{url:?}");
    }
    // What is stored looks as it is read.
    for url in [
        "https:client.example",
        "https:///client.example",
        "https:/client.example",
        "https:client.example/?a=://b",
        r"https://client.example\@127.0.0.1/",
        r"https:\\client.example/",
        "https://client.example/\u{202e}",
        "https://cli\u{ad}ent.example/",
        "https://client.example/\u{200b}",
        "https://client.example:0/",
    ] {
        assert_eq!(check_address(url, false), Err(ProviderError::BadUrl), "{url:?}");
    }
    for url in ["https://127.1/", "https://0x7f.1", "https://[::1]/", "https://10.0.0.1", "https://169.254.169.254/"] {
        assert_eq!(check_address(url, false), Err(ProviderError::PrivateAddress), "{url}");
        assert_eq!(check_address(url, true), Err(ProviderError::PrivateAddress), "{url}");
    }
    for url in ["http://127.0.0.1:9000/hooks", "http://localhost:9000", "http://[::1]:9000/"] {
        assert_eq!(check_address(url, false), Err(ProviderError::BadUrl), "{url}");
        // A build for release has no local cloud.
        assert_eq!(check_address(url, true).is_ok(), cfg!(debug_assertions), "{url}");
    }
    for url in ["http://client.example/", "http://192.168.0.1/", "http://localhost.example/"] {
        assert_eq!(check_address(url, true), Err(ProviderError::BadUrl), "{url}");
    }
}

#[test]
fn one_private_address_among_public_ones_is_enough() {
    let client = deployed();
    let of = |addresses: &[&str]| -> Vec<SocketAddr> {
        addresses.iter().map(|address| SocketAddr::new(address.parse().unwrap(), 443)).collect()
    };
    assert_eq!(client.check(&of(&["8.8.8.8", "2600:1f18::1"])), Ok(()));
    for mixed in [["8.8.8.8", "10.0.0.1"], ["::1", "8.8.8.8"], ["2600:1f18::1", "::ffff:169.254.169.254"]] {
        assert_eq!(client.check(&of(&mixed)), Err(ProviderError::PrivateAddress), "{mixed:?}");
    }
}

#[tokio::test]
async fn odd_but_right_addresses_are_read() {
    let parse = |url: &str| Target::parse(url, &Local::default());
    let target = parse("HTTPS://Provider.Example:443/a b?q=ü").unwrap();
    assert_eq!((target.authority.as_str(), target.path.as_str()), ("provider.example", "/a%20b?q=%C3%BC"));
    let target = parse("https://[2600:1f18:0::1]:8443").unwrap();
    assert_eq!((target.authority.as_str(), target.path.as_str()), ("[2600:1f18::1]:8443", "/"));
    assert_eq!(target.addresses().await.unwrap(), ["[2600:1f18::1]:8443".parse().unwrap()]);
    // A name may be absolute; the certificate's is not.
    let target = parse("https://provider.example./").unwrap();
    assert_eq!(target.authority, "provider.example.");
    assert_eq!(target.server_name().unwrap(), ServerName::try_from("provider.example").unwrap());
    // A line break is no part of an address, so none gets into a request.
    let target = parse("https://provider.example/a\r\nx: y").unwrap();
    assert_eq!(target.path, "/ax:%20y");
}
