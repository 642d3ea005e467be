use super::*;

fn shown(day: &Day) -> String {
    opening_hours(std::slice::from_ref(&day.slots)).unwrap_or_default().trim_start_matches("Mo ").to_owned()
}

/// Goal: every way to write a day that occurs is read, and the rest is given back. Method: each with what it gives.
#[test]
fn days_are_read() {
    for (text, slots, odd) in [
        ("", "", vec![]),
        ("fermé", "", vec![]),
        ("09:00 - 12:00", "09:00-12:00", vec![]),
        ("09:00 - 12:00 / 13:30 - 17:00", "09:00-12:00,13:30-17:00", vec![]),
        ("13:30 - 17:00 / 09:00 - 12:00", "09:00-12:00,13:30-17:00", vec![]),
        (
            "08:45 - 10:00 / 10:30 - 11:30 / 13:30 - 14:30 / 15:00 - 16:15",
            "08:45-10:00,10:30-11:30,13:30-14:30,15:00-16:15",
            vec![],
        ),
        ("09:00 - 11:00 / 11:00 - 12:00", "09:00-12:00", vec![]),
        ("9h-12h et 14h-17h30", "09:00-12:00,14:00-17:30", vec![]),
        ("de 9h à 12h, de 13 h 30 à 17 h", "09:00-12:00,13:30-17:00", vec![]),
        ("9:00–12.30", "09:00-12:30", vec![]),
        ("20:00 - 24:00", "20:00-24:00", vec![]),
        ("09:00 - 12:00 / 09:00 - 12:00", "09:00-12:00", vec![Odd::Overlap]),
        ("09:00 - 12:00 / 14:00 - 17:00 / 15:00 - 18:00", "09:00-12:00,14:00-18:00", vec![Odd::Overlap]),
        ("08:30 - 16:00 / 08:30 - 12:00", "08:30-16:00", vec![Odd::Overlap]),
        ("00:00 - 00:00", "", vec![Odd::Placeholder]),
        ("00:00 - 00:00 / 09:30 - 12:00 / 13:00 - 15:00", "09:30-12:00,13:00-15:00", vec![Odd::Placeholder]),
        ("01:00 - 17:00", "01:00-17:00", vec![Odd::Unlikely]),
        ("17:00 - 09:00", "", vec![Odd::Unreadable]),
        ("sur rendez-vous", "", vec![Odd::Unreadable]),
        ("9h-12h sur rendez-vous", "", vec![Odd::Unreadable]),
        ("9 - 12", "", vec![Odd::Unreadable]),
        ("09:00", "", vec![Odd::Unreadable]),
        ("09:00 - 25:00", "", vec![Odd::Unreadable]),
        ("09:60 - 12:00", "", vec![Odd::Unreadable]),
        ("é9h", "", vec![Odd::Unreadable]),
        ("9é - 10h", "", vec![Odd::Unreadable]),
    ] {
        let day = day(text);
        assert_eq!((shown(&day).as_str(), &day.odd), (slots, &odd), "{text}");
    }
}

#[test]
fn equal_days_are_grouped() {
    let (long, short, none) = ("9h-12h / 13h30-17h", "9h-12h", "");
    for (week, expected) in [
        ([long, long, long, long, short, none], Some("Mo-Th 09:00-12:00,13:30-17:00; Fr 09:00-12:00")),
        ([long, short, long, long, short, none], Some("Mo,We-Th 09:00-12:00,13:30-17:00; Tu,Fr 09:00-12:00")),
        ([none, none, none, none, none, short], Some("Sa 09:00-12:00")),
        ([none; 6], None),
    ] {
        let slots: Vec<Vec<Slot>> = week.iter().map(|text| day(text).slots).collect();
        let written = opening_hours(&slots);
        assert_eq!(written.as_deref(), expected);
        assert!(written.is_none_or(|text| is_plain(&text)));
    }
}

#[test]
fn the_validator_is_strict() {
    for text in [
        "",
        "Mo",
        "Mo 9:00-12:00",
        "Mo 09:00-12:00 ",
        "Mo 09:00-12:00;Tu 09:00-12:00",
        "Mo 12:00-09:00",
        "Mo 09:00-12:00,11:00-13:00",
        "Mo 09:00-12:00; Mo 14:00-15:00",
        "Tu-Mo 09:00-12:00",
        "Mo-Mo 09:00-12:00",
        "Lu 09:00-12:00",
        "Mo 09:00-24:30",
        "Mo +9:00-12:00",
    ] {
        assert!(!is_plain(text), "{text}");
    }
}

proptest::proptest! {
    /// Goal: no text makes the reader fail, and whatever it writes is valid. Method: texts made of the usual pieces.
    #[test]
    fn whatever_is_written_is_valid(text in "([0-9hàé:./ -]|et|de|09:00 - 12:00| / ){0,24}") {
        let day = day(&text);
        if let Some(written) = opening_hours(&[day.slots]) {
            proptest::prop_assert!(is_plain(&written), "{written}");
        }
    }
}
