use super::*;

fn rows(table: &Table) -> Vec<(u64, Vec<&str>)> {
    table.rows.iter().map(|row| (row.line, row.cells.iter().map(String::as_str).collect())).collect()
}

/// Goal: the same table comes out of every usual way to save it. Method: one file a way.
#[test]
fn usual_files_are_read() {
    for (text, separator, expected) in [
        ("a,b\n1,2\n", ',', vec![(2, vec!["1", "2"])]),
        ("a;b\r\n1,5;2\r\n", ';', vec![(2, vec!["1,5", "2"])]),
        ("a\tb\n1\t2", '\t', vec![(2, vec!["1", "2"])]),
        ("\u{feff}\"a;x\",b\n1,2\n", ',', vec![(2, vec!["1", "2"])]),
        ("# invented\n# more\na,b\n\n1,2\n,\n\n\n3,4\n", ',', vec![(5, vec!["1", "2"]), (9, vec!["3", "4"])]),
        ("a,b,,\n1,2,,\n3,4,,,\n", ',', vec![(2, vec!["1", "2"]), (3, vec!["3", "4"])]),
        (
            "a,b\n\"x\ny\n\",2\n3,\"4 \"\"q\"\"\"\n",
            ',',
            vec![(2, vec!["x\ny\n", "2"]), (5, vec!["3", "4 \"q\""])],
        ),
        ("name\nx\n", ',', vec![(2, vec!["x"])]),
    ] {
        let table = Table::read(text.as_bytes()).expect(text);
        assert_eq!(table.separator, separator, "{text}");
        assert_eq!(rows(&table), expected, "{text}");
    }
}

/// Goal: a broken file is refused, with line and column. Method: one file a mistake.
#[test]
fn broken_files_are_refused_with_the_place() {
    for (text, code, line, column) in [
        ("a,b\n1,2\n3\n", "wrong_width", Some(3), Some(2)),
        ("a,b\n1,2,3\n", "wrong_width", Some(2), Some(3)),
        ("a,b\n\n\n1,2\n1\n", "wrong_width", Some(5), Some(2)),
        ("a,b\n1,\"2\n3,4\n", "open_quote", Some(2), None),
        ("#\na,A\n1,2\n", "column_twice", Some(2), Some(2)),
        ("# only\n", "no_header", Some(1), None),
        ("{\"a\":1}", "not_csv", Some(1), None),
        ("<!doctype html>", "not_csv", Some(1), None),
    ] {
        let error = Table::read(text.as_bytes()).expect_err(text);
        assert_eq!((error.code, error.spot.line, error.spot.column), (code, line, column), "{text}");
        assert!(!error.message().fr.is_empty() && !error.message().en.is_empty());
    }
}

#[test]
fn missing_columns_are_named_with_those_found() {
    let table = Table::read(b"a,b\n1,2\n").expect("read");
    assert!(table.require(&["A", "b"]).is_ok());
    let error = table.require(&["a", "c"]).expect_err("missing");
    assert_eq!(error.code, "missing_column");
    assert!(error.message().en.contains("“c”") && error.message().en.contains("a, b"));
    let empty = Table::read(b"a,b\n").expect("read");
    assert_eq!(empty.require(&["a"]).expect_err("no rows").code, "no_rows");
}

proptest::proptest! {
    /// Goal: no file makes a reader fail in any way but its own error. Method: files made of the usual pieces.
    #[test]
    fn readers_answer_whatever_they_are_given(
        header in "(name|family|CODGEO|P21_POP|id_fs|latitude|#|é)?([;,\t](name|sources|population|id|h_lundi)){0,4}",
        body in "[\r\n\"';,|\\\\a0-9é=:{}\\[\\]-]{0,60}",
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40),
    ) {
        use crate::exchange::{france_services, needs, portrea_csv, territory_file};
        let text = format!("{header}\n{body}").into_bytes();
        for bytes in [text.clone(), [text, bytes.clone()].concat(), bytes] {
            let _ = (Table::read(&bytes), needs::read(&bytes, &needs::Told::default()), territory_file::read(&bytes));
            let _ = (france_services::read(&bytes), portrea_csv::read(&bytes));
        }
    }
}
