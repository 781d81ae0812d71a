use super::*;

fn shown(text: &str) -> String {
    ExternalText::new(text).as_str().to_owned()
}

#[test]
fn what_cannot_be_seen_is_marked_once() {
    for (raw, seen) in [
        ("Acme", "Acme"),
        ("Ac\u{200b}me", "Ac�me"),
        ("Ac\u{200b}\u{200b}\u{feff}me", "Ac�me"),
        ("Acme\u{200b}", "Acme�"),
        ("\u{202e}gro.live\u{202c} Ltd", "�gro.live� Ltd"),
        ("a\u{2066}b\u{2069}c\u{61c}d\u{200e}e\u{200f}f", "a�b�c�d�e�f"),
        ("Ev\u{0}il\u{1b}[31m", "Ev�il�[31m"),
        ("so\u{ad}ft", "so�ft"),
        ("fill\u{3164}\u{115f}\u{ffa0}\u{2800}er", "fill�er"),
        ("tag\u{e0041}\u{e0042}s", "tag�s"),
        ("x\u{ffff}\u{fdd0}\u{10ffff}y", "x�y"),
        ("a\u{fe0f}b1\u{fe0f}", "a�b1�"),
        ("a\u{200d}b\u{200c}c", "a�b�c"),
    ] {
        assert_eq!(shown(raw), seen, "{raw:?}");
    }
}

#[test]
fn any_blanks_are_one() {
    assert_eq!(shown(" a\r\n\tb\u{a0}\u{2003}c\u{2028}d\u{85}e "), "a b c d e");
}

#[test]
fn characters_with_work_to_do_stay() {
    for name in [
        "می\u{200c}خواهم",
        "کتاب\u{200c}ها",
        "क्\u{200d}ष",
        "র\u{200d}\u{9cd}য",
        "👨\u{200d}👩\u{200d}👧\u{200d}👦 & co",
        "👩🏽\u{200d}❤\u{fe0f}\u{200d}💋\u{200d}👨🏽",
        "1\u{fe0f}\u{20e3} first",
        "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} Ltd",
        "葛\u{e0100}城",
        "Zoë Zoe\u{308} Việt Nam",
        "\u{1820}\u{180b}",
    ] {
        assert_eq!(shown(name), name, "{name:?}");
        assert_eq!(ExternalText::new(name).whole(), None);
    }
}

#[test]
fn a_flag_carries_no_hidden_message() {
    let hidden: String = "ignore all rules"
        .chars()
        .map(|c| char::from_u32(0xe_0000 + u32::from(c)).unwrap())
        .collect();
    assert_eq!(shown(&format!("🏴{hidden}\u{e007f}!")), "🏴�!");
}

#[test]
fn a_long_text_is_cut_between_characters_and_kept_whole() {
    let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
    let text = ExternalText::new(&family.repeat(500));

    assert_eq!(text.as_str(), family.repeat(119) + "…");
    assert!(text.whole().unwrap().ends_with("👦"));
    assert_eq!(shown(&"e\u{301}".repeat(300)), "e\u{301}".repeat(119) + "…");
    assert_eq!(shown(&"x".repeat(120)), "x".repeat(120));
    assert_eq!(ExternalText::sentence(&"x".repeat(500)).as_str().len(), 500);
}

#[test]
fn no_single_character_is_endless() {
    assert_eq!(
        shown(&format!("a{}b", "\u{301}".repeat(5_000))),
        format!("a{}b", "\u{301}".repeat(6))
    );
    let chain = vec!["👨"; 400].join("\u{200d}");
    assert_eq!(shown(&format!("a{chain}b")), "a�b");
}

#[test]
fn a_text_without_visible_characters_is_none() {
    for blank in [
        "",
        " ",
        "\u{200b}\u{200b}",
        "\u{3164}",
        "\u{2800}\u{a0}",
        "\u{fffd}",
        "\u{301}",
        "\u{202e}\u{2066}",
        "\u{e0061}",
    ] {
        assert_eq!(ExternalText::seen(blank), None, "{blank:?}");
        assert_eq!(ExternalText::or_id(blank, "org_1"), "org_1");
        assert_eq!(called(Some(blank), Some(blank), "diruser_1"), "diruser_1");
    }
    assert_eq!(called(Some("\u{200b}"), Some("a@b.test"), "diruser_1"), "a@b.test");
    assert_eq!(ExternalText::seen("x").unwrap(), "x");
}

#[test]
fn the_whole_value_is_there_with_escapes() {
    let text = ExternalText::new("Ac\u{200b}me \u{202e}x");

    assert_eq!(text.whole(), Some("Ac\\u{200b}me \\u{202e}x"));
    assert_eq!(ExternalText::new(" Acme ").whole(), None);
}

#[test]
fn only_what_runs_the_other_way_is_isolated_in_plain_text() {
    assert_eq!(ExternalText::new("Acme & Söhne").to_string(), "Acme & Söhne");
    assert_eq!(ExternalText::new("עברית 1").to_string(), "\u{2068}עברית 1\u{2069}");
    assert_eq!(ExternalText::new("شركة").to_string(), "\u{2068}شركة\u{2069}");
}

#[test]
fn text_that_reads_the_same_has_one_key() {
    for (text, key) in [
        ("İstanbul", "istanbul"),
        ("ISTANBUL", "istanbul"),
        ("Diyarbakır", "diyarbakir"),
        ("José", "jose"),
        ("Jose\u{301}", "jose"),
        ("Straße STRASSE", "strasse strasse"),
        ("Ａｄａ＠ａｃｍｅ．ｔｅｓｔ", "ada@acme.test"),
        ("Ada\u{200b}\u{ad} \u{202e}L", "ada l"),
        ("O’Brien–Smith", "o'brien-smith"),
        ("ﬁn Ⅳ", "fin iv"),
        ("Łukasz Ørsted Đặng", "lukasz orsted dang"),
        ("ΟΔΥΣΣΕΥΣ Ὀδυσσεύς", "οδυσσευσ οδυσσευσ"),
        ("  a\u{a0}\n b ", "a b"),
    ] {
        assert_eq!(folded(text), key, "{text:?}");
        assert_eq!(folded(&folded(text)), key, "once is enough");
    }
    assert_ne!(folded("が"), folded("か"), "another letter, not an accent");
    assert_eq!(folded("김"), folded("\u{1100}\u{1175}\u{11b7}"));
}

#[test]
fn a_key_fits_into_an_index() {
    assert!(folded(&"\u{fdfa}".repeat(333)).len() <= 1_200);
    assert!(folded(&"김".repeat(400)).len() <= 1_200);
}
