//! Rows do not change places under the pointer or the focus: a click would open another row than
//! the one that the reader aimed at. A pill offers the new order.

use leptos::prelude::document;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Node};

/// The tables whose rows stay in their places while the reader is in the table.
const STEADY: &str = ".table[data-steady]";
const IN_USE: &str = ":hover, :focus-within";
/// The class of a row that is not in the list any more.
const GONE: &str = "is-gone";

/// Gives the rows of a fresh page the order of the open one, in tables that the reader is in. Rows
/// that have gone keep their places, and new ones stand at the end.
pub(super) fn keep(old: &Element, fresh: &Element) -> Result<(), JsValue> {
    let mut is_other = false;
    for (old, fresh) in all(old, STEADY)?.iter().zip(all(fresh, STEADY)?) {
        let label = |table: &Element| table.get_attribute("aria-label");
        if old.matches(IN_USE)? && label(old) == label(&fresh) {
            is_other |= keep_rows(old, &fresh)?;
        }
    }
    if is_other { fresh.append_child(&pill()?).map(|_| ()) } else { Ok(()) }
}

/// Whether the fresh rows are in another order now.
fn keep_rows(old: &Element, fresh: &Element) -> Result<bool, JsValue> {
    const ROWS: &str = "tbody > tr[id]";
    let (Some(body), before) = (fresh.query_selector("tbody")?, all(fresh, ROWS)?) else {
        return Ok(false);
    };
    let mut rows = Vec::new();
    for row in all(old, ROWS)? {
        let fresh = before.iter().find(|fresh| fresh.id() == row.id());
        rows.push(match fresh {
            Some(fresh) => fresh.clone(),
            None => gone(&row)?,
        });
    }
    let new = before.iter().filter(|row| rows.iter().all(|known| known.id() != row.id()));
    let new: Vec<Element> = new.cloned().collect();
    rows.extend(new);
    for row in &rows {
        body.append_child(row)?;
    }
    Ok(rows.iter().map(Element::id).ne(before.iter().map(Element::id)))
}

fn gone(row: &Element) -> Result<Element, JsValue> {
    let row: Element = row.clone_node_with_deep(true)?.unchecked_into();
    row.class_list().add_1(GONE)?;
    Ok(row)
}

/// The link loads the page again.
fn pill() -> Result<Node, JsValue> {
    let pill = document().create_element("p")?;
    pill.set_class_name("order-pill");
    pill.set_attribute("role", "status")?;
    pill.set_inner_html(r#"<a href="">The order has changed. Sort again</a>"#);
    Ok(pill.unchecked_into())
}

fn all(within: &Element, selector: &str) -> Result<Vec<Element>, JsValue> {
    let found = within.query_selector_all(selector)?;
    Ok((0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect())
}
