use super::*;

#[test]
fn each_setting_is_read_back_from_its_name_and_from_the_text_of_its_value() {
    for name in SettingName::ALL {
        assert_eq!(SettingName::parse(name.as_str()), Some(name));
        let (mut values, before) = (SettingValues::default(), SettingValues::default());
        values.set(name, &before.text(name)).unwrap();
        assert_eq!(values, before, "{name:?}");
    }
}

#[test]
fn a_setting_takes_the_ends_of_its_range_and_nothing_beyond_them() {
    for name in SettingName::ALL {
        let (SettingKind::Number { least, most } | SettingKind::NumberOr { least, most, .. }) =
            name.kind()
        else {
            continue;
        };
        let mut values = SettingValues::default();
        for end in [least, most] {
            values.set(name, &format!(" {end} ")).unwrap();
            assert_eq!(values.text(name), end.to_string(), "{name:?}");
        }
        let before = values.clone();
        let beyond = [(i64::from(least) - 1).to_string(), (i64::from(most) + 1).to_string()];
        for text in beyond.iter().map(String::as_str).chain(["", "a", "1.5", "+7", "７"]) {
            let refused = values.set(name, text);
            assert_eq!(refused, Err(Refusal::SettingValue(name)), "{name:?} {text}");
        }
        assert_eq!(values, before, "a refused text changes nothing");
    }
}

#[test]
fn words_are_values_too() {
    let mut values = SettingValues::default();
    for (name, text) in [
        (SettingName::DefaultSeatLimit, "unlimited"),
        (SettingName::DefaultSeatLimit, "not set"),
        (SettingName::DefaultSeatLimit, "25"),
        (SettingName::DefaultPolicy, "by-hand"),
        (SettingName::ResyncNightly, "no"),
        (SettingName::RawBodyDays, "forever"),
        (SettingName::ReclaimAfterDays, "never"),
        (SettingName::ApplicationRoles, "editor, reader"),
        (SettingName::ApplicationRoles, "none"),
        (SettingName::DefaultRole, "reader"),
        (SettingName::DefaultRole, "none"),
        (SettingName::KeptAttributes, "department, title"),
        (SettingName::KeptAttributes, "all"),
    ] {
        values.set(name, text).unwrap();
        assert_eq!(values.text(name), text);
    }
    for name in [SettingName::DefaultPolicy, SettingName::ResyncNightly] {
        assert_eq!(values.set(name, "perhaps"), Err(Refusal::SettingValue(name)));
    }
    values.set(SettingName::ApplicationRoles, "b,a , b").unwrap();
    assert_eq!(values.text(SettingName::ApplicationRoles), "a, b", "in order, each once");
    let many: Vec<String> = (0..=RoleName::MOST).map(|number| format!("a{number}")).collect();
    for text in ["", "a,,b", "a b", "none, a", &many.join(",")] {
        let refused = values.set(SettingName::ApplicationRoles, text);
        assert_eq!(refused, Err(Refusal::SettingValue(SettingName::ApplicationRoles)), "{text}");
    }
    assert_eq!(
        Refusal::SettingValue(SettingName::RawBodyDays).to_string(),
        "“Raw bodies” takes a whole number from 1 to 3,650, or “forever”."
    );
}

#[test]
fn the_environment_wins() {
    let (mut values, mut fixed) = (SettingValues::default(), FixedSettings::default());
    values.set(SettingName::SessionHours, "3").unwrap();
    assert!(fixed.fix(SettingName::SessionHours, "never").is_err());
    fixed.fix(SettingName::SessionHours, "8").unwrap();

    fixed.apply(&mut values);

    assert_eq!(values.text(SettingName::SessionHours), "8");
    assert!(fixed.has(SettingName::SessionHours) && !fixed.has(SettingName::ResyncHour));
}
