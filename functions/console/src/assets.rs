//! The style and the script of all pages, under addresses that change with their content.

use std::sync::LazyLock;

use data_encoding::HEXLOWER;
use recourse_edge::ApiResponse;
use sha2::{Digest, Sha256};

use crate::page::secured;

/// Where they are served.
const FOLDER: &str = "/console/assets/";
/// How much of its content's digest an asset has in its name, in bytes.
const DIGEST_BYTES: usize = 8;

/// A file that pages load.
struct Asset {
    /// Its media type.
    media: &'static str,
    /// Its text.
    text: &'static str,
    /// Its name without the digest.
    name: &'static str,
    /// The name in its address.
    address: String,
}

impl Asset {
    fn new(name: &'static str, media: &'static str, text: &'static str) -> Self {
        let digest = Sha256::digest(text.as_bytes());
        let digest = HEXLOWER.encode(digest.get(..DIGEST_BYTES).unwrap_or_default());
        let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
        Self { media, text, name, address: format!("{stem}-{digest}.{extension}") }
    }
}

/// The style. Its first part is that of the local start page, too.
const STYLE: &str = concat!(include_str!("../assets/base.css"), include_str!("../assets/console.css"));

static ASSETS: LazyLock<[Asset; 2]> = LazyLock::new(|| {
    [
        Asset::new("console.css", "text/css; charset=utf-8", STYLE),
        Asset::new("console.js", "text/javascript; charset=utf-8", include_str!("../assets/console.js")),
    ]
});

/// The asset with this name in its address, whatever its digest.
fn asset(name: &str) -> Option<&'static Asset> {
    let (stem, rest) = name.rsplit_once('-')?;
    let (_, extension) = rest.split_once('.')?;
    ASSETS.iter().find(|asset| asset.name.split_once('.') == Some((stem, extension)))
}

/// `GET /console/assets/{name}`: the asset of this name. One of another release is answered with
/// what there is, and is not cached. `None` where there is none.
#[must_use]
pub fn asset_response(name: &str) -> Option<ApiResponse> {
    let asset = asset(name)?;
    let caching = if asset.address == name { "public, max-age=31536000, immutable" } else { "no-store" };
    let answer = ApiResponse::text(200, "sent", asset.media, asset.text.to_owned());
    Some(secured(answer).with_header("cache-control", caching))
}

/// The address of an asset.
pub(crate) fn address(name: &str) -> String {
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    asset.map(|asset| format!("{FOLDER}{}", asset.address)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The most that our own script may have, so that a page is there at once.
    const MAX_SCRIPT_BYTES: usize = 20_000;

    #[test]
    fn an_address_leads_to_its_asset() {
        for name in ["console.css", "console.js"] {
            let address = address(name);
            let answer = asset_response(address.strip_prefix(FOLDER).unwrap()).unwrap();
            assert!(answer.header("cache-control").unwrap().ends_with("immutable"), "{address}");
        }
        let old = asset_response("console-0000000000000000.css").unwrap();
        assert_eq!(old.header("cache-control"), Some("no-store"));
        assert_eq!(old.header("content-type"), Some("text/css; charset=utf-8"));
        for unknown in ["console.css", "other-00.css", "console-00", "", "-", "../console-00.css"] {
            assert!(asset_response(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn the_script_is_small_and_nothing_is_loaded_from_elsewhere() {
        let ours: usize = ASSETS.iter().filter(|asset| asset.name.ends_with(".js")).map(|asset| asset.text.len()).sum();
        assert!(ours <= MAX_SCRIPT_BYTES, "{ours}");
        for asset in ASSETS.iter() {
            assert!(!asset.text.contains("http:") && !asset.text.contains("https:"), "{}", asset.name);
        }
    }
}
