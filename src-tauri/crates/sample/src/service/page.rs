//! The page that people see: one file, no script, nothing loaded.

use std::fmt::Write as _;

use super::data::Course;
use super::routes::App;

/// The words of the page in one language.
struct Words {
    code: &'static str,
    version: &'static str,
    courses: &'static str,
    teacher: &'static str,
    seats: &'static str,
    taken: &'static str,
    search: &'static str,
    none: &'static str,
    users: &'static str,
    student: &'static str,
}

const ENGLISH: Words = Words {
    code: "en",
    version: "Version",
    courses: "Courses",
    teacher: "Teacher",
    seats: "Seats",
    taken: "Taken",
    search: "Search",
    none: "No course is called that.",
    users: "Users",
    student: "student",
};

const FRENCH: Words = Words {
    code: "fr",
    version: "Version",
    courses: "Cours",
    teacher: "Enseignant",
    seats: "Places",
    taken: "Prises",
    search: "Chercher",
    none: "Aucun cours ne porte ce nom.",
    users: "Utilisateurs",
    student: "étudiant",
};

const STYLE: &str = "\
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}\
body{max-width:44rem;margin:3rem auto;padding:0 1rem}\
header{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:baseline;border-bottom:1px solid #8888}\
h1{margin:0}h2{font-size:1rem;margin:2rem 0 .5rem}\
table{border-collapse:collapse;width:100%}\
th,td{text-align:left;padding:.4rem .8rem .4rem 0;border-bottom:1px solid #8884;font-weight:400}\
thead th{font-size:.85rem}.n{text-align:right;font-variant-numeric:tabular-nums}\
ul{padding:0;list-style:none;columns:2}input,button{font:inherit;padding:.2rem .5rem}";

/// The page with some of the courses, and what was searched for.
pub(crate) fn page(app: &App, courses: &[(&Course, usize)], search: Option<&str>) -> String {
    let words = if app.data.french { &FRENCH } else { &ENGLISH };
    let (title, version) = (escaped(&app.data.title), escaped(&app.data.version));
    let mut page = format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title} {version}</title>\
         <style>{STYLE}</style></head>\n<body><header><h1>{title}</h1><span>{} <b>{version}</b></span>\
         <span>{}</span></header>\n<main><h2>{}</h2>\n",
        words.code,
        words.version,
        escaped(&app.environment),
        words.courses
    );
    if app.data.search {
        let _ = writeln!(
            page,
            "<form><input type=\"search\" name=\"search\" aria-label=\"{0}\" value=\"{1}\"> \
             <button>{0}</button></form>",
            words.search,
            escaped(search.unwrap_or_default())
        );
    }
    if courses.is_empty() {
        let _ = writeln!(page, "<p>{}</p>", words.none);
    } else {
        table(&mut page, app, courses, words);
    }
    let _ = writeln!(page, "<h2>{}</h2>\n<ul>", words.users);
    for user in app.data.users.values() {
        let role = match user.role.as_str() {
            "student" => words.student.to_owned(),
            "teacher" => words.teacher.to_lowercase(),
            other => escaped(other),
        };
        let _ = writeln!(page, "<li>{} <small>{role}</small></li>", escaped(&user.id));
    }
    page.push_str("</ul></main></body></html>\n");
    page
}

fn table(page: &mut String, app: &App, courses: &[(&Course, usize)], words: &Words) {
    let number = |word: &str| format!("<th scope=\"col\" class=\"n\">{word}</th>");
    let taken = if app.data.counts { number(words.taken) } else { String::new() };
    let _ = writeln!(
        page,
        "<table><thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th>{}{taken}</tr></thead><tbody>",
        words.courses,
        words.teacher,
        number(words.seats)
    );
    for (course, count) in courses {
        let taken = if app.data.counts { format!("<td class=\"n\">{count}</td>") } else { String::new() };
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"n\">{}</td>{taken}</tr>",
            escaped(&course.title),
            escaped(&course.teacher),
            course.seats
        );
    }
    page.push_str("</tbody></table>\n");
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}
