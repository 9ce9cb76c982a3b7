//! Records are found whatever the body's form, and damage is told from an end.

use super::*;
use crate::Headers;
use proptest::prelude::*;
use tacho_domain::{Day, Fact, Window};

#[derive(Default)]
struct Seen {
    skipped: Vec<(u64, String)>,
}

impl Sink for Seen {
    fn fact(&mut self, _: Fact) {}
    fn unknown_field(&mut self, _: &str) {}
    fn skipped_line(&mut self, line: u64, why: &str) {
        self.skipped.push((line, why.to_owned()));
    }
}

#[derive(serde::Deserialize)]
struct Row {
    n: i64,
}

type Outcome = (Result<u64, Misread>, Vec<i64>, Vec<(u64, String)>);

fn read_with(body: &[u8], limit: usize, chunk: usize) -> Outcome {
    let call = Call::replay("stream", "step", Window::day(Day(0)));
    let mut seen = Seen::default();
    let mut numbers = Vec::new();
    let mut keep = |bytes: &[u8], _: u64, _: &mut dyn Sink| {
        numbers.push(serde_json::from_slice::<Row>(bytes)?.n);
        Ok(())
    };
    let walk = Walk { connector: "test", call: &call, sink: &mut seen, read: &mut keep, limit, taken: 0, first_bad: None };
    let result = walk.run(&mut io::BufReader::with_capacity(chunk, body));
    (result, numbers, seen.skipped)
}

fn read(body: &str) -> Outcome {
    read_with(body.as_bytes(), RECORD_LIMIT, 7)
}

#[test]
fn every_form_of_the_same_records_reads_alike() {
    for body in [
        "{\"n\":1}\n{\"n\":2}\n",
        "\u{feff}{\"n\":1}\r\n\r\n  {\"n\":2}",
        "[{\"n\":1},{\"n\":2}]",
        "[\n  {\n    \"n\": 1\n  },\n  {\"n\": 2}\n]\n",
        "{\n  \"n\": 1\n}\n{\n  \"n\": 2\n}\n",
        "\n\n[{\"n\":1}\n,{\"n\":2, \"s\": \"]}\\\"{\"}]",
    ] {
        let (result, numbers, skipped) = read(body);
        assert_eq!((result, numbers, skipped), (Ok(2), vec![1, 2], vec![]), "{body}");
    }
    assert_eq!(read("").0, Ok(0));
    assert_eq!(read(" \n\n").0, Ok(0));
    assert_eq!(read("[]").0, Ok(0));
}

#[test]
fn a_bad_line_is_left_out_and_told() {
    let (result, numbers, skipped) = read("{\"n\":1}\nnot json\n{\"n\":\"x\"}\n{\"n\":2}\n");
    assert_eq!((result, numbers), (Ok(2), vec![1, 2]));
    assert_eq!(skipped.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(skipped[1].1, "another shape at column 8");
    let (result, numbers, skipped) = read("{\"n\":1,\"a\n{\"n\":2}\n");
    assert_eq!((result, numbers, skipped.len()), (Ok(1), vec![2], 1), "a damaged first line is no pretty-printed record");
}

#[test]
fn a_body_that_breaks_off_is_misread() {
    for body in [
        "{\"n\":1}\n{\"n\":",
        "{\"n\":1}\n{\"n\":-",
        "{\"n\":",
        "{\n\"n\":1",
        "[{\"n\":1}",
        "[{\"n\":1},{\"n\"",
        "[",
        "{\"n\":1}\n{\"n\":2,\"s\":tru",
    ] {
        let (result, _, _) = read(body);
        assert_eq!(result.map_err(|misread| misread.found), Err("end of input".to_owned()), "{body}");
    }
}

#[test]
fn a_body_of_which_nothing_reads_is_misread() {
    for body in
        ["<html></html>\n", "\"No report available\"", "{\"other\":1}", "[1,2]", "[{\"other\":1}]", "{\"x\":1}\n{\"y\":2}\n"]
    {
        assert!(read(body).0.is_err(), "{body}");
    }
}

#[test]
fn a_line_beyond_the_limit_is_left_out() {
    let body = format!("{{\"n\":1}}\n{{\"n\":2,\"s\":\"{}\"}}\n{{\"n\":3}}\n", "x".repeat(100));
    let (result, numbers, skipped) = read_with(body.as_bytes(), 32, 5);
    assert_eq!((result, numbers), (Ok(2), vec![1, 3]));
    assert_eq!(skipped, [(2, "a line longer than 64 MiB".to_owned())]);
    assert!(read_with(format!("[{{\"s\":\"{}\"}}]", "x".repeat(100)).as_bytes(), 32, 5).0.is_err());
}

#[test]
fn a_reader_that_fails_is_misread() {
    struct Failing;
    impl io::Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("gone"))
        }
    }
    let call = Call::replay("stream", "step", Window::day(Day(0)));
    let headers = Headers::default();
    let mut body = io::BufReader::new(Failing);
    let mut reply = Reply { status: 200, headers: &headers, body: &mut body };
    let result = records("test", &call, &mut reply, &mut Seen::default(), &mut |_, _, _| Ok(()));
    assert_eq!(result.unwrap_err().path, "line 1");
}

proptest! {
    #[test]
    fn no_bytes_panic(body in prop::collection::vec(any::<u8>(), 0..200), chunk in 1usize..20) {
        let _ = read_with(&body, 64, chunk);
    }

    #[test]
    fn no_brackets_and_quotes_panic(body in "[\\[\\]{}\",:\\\\n1 \n]{0,60}", chunk in 1usize..20) {
        let _ = read_with(body.as_bytes(), 64, chunk);
    }

    #[test]
    fn lines_and_array_agree(numbers in prop::collection::vec(any::<i64>(), 0..20)) {
        let objects: Vec<String> = numbers.iter().map(|n| format!("{{\"n\":{n}}}")).collect();
        prop_assert_eq!(&read(&objects.join("\n")).1, &numbers);
        prop_assert_eq!(&read(&format!("[{}]", objects.join(","))).1, &numbers);
    }
}
