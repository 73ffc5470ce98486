//! A row of a table that a spreadsheet opens.

use recourse_dispute::text::visible;

/// A row as RFC 4180 has it, without the end of the line. A value that a spreadsheet would read as
/// a formula gets an apostrophe in front, because a client writes a refid. Invisible characters are
/// escaped.
///
/// # Errors
/// [`csv::Error`], which no row has given yet.
pub fn csv_row(values: &[String]) -> Result<String, csv::Error> {
    let cell = |value: &String| {
        let value = visible(value);
        let is_formula = value.trim_start().starts_with(['=', '+', '-', '@']);
        if is_formula { format!("'{value}") } else { value.into_owned() }
    };
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(values.iter().map(cell))?;
    let row = csv.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&row).trim_end_matches('\n').to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_row_follows_rfc_4180_and_contains_no_formula() {
        let row = |values: &[&str]| {
            super::csv_row(&values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>()).unwrap()
        };
        assert_eq!(row(&["a", "", "b c"]), "a,,b c");
        assert_eq!(row(&["a,b", "say \"x\""]), "\"a,b\",\"say \"\"x\"\"\"");
        assert_eq!(row(&["=1+1", "-1", "@x"]), "'=1+1,'-1,'@x");
        assert_eq!(row(&[" =1", "\u{a0}=1", "\t=1", "=\r\n1"]), r"' =1,'#=1,\t=1,'=\r\n1".replace('#', "\u{a0}"));
        assert_eq!(row(&["a\u{202e}b\u{1b}"]), r"a\u{202e}b\u{1b}");
        assert_eq!(row(&["A  B", "A B"]), "A  B,A B", "a refid is printed unchanged");
    }
}
