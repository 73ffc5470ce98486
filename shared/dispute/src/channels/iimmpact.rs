//! What the core knows of the IIMMPACT API's disputes.

pub mod support;
