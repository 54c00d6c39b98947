// Rust's standard library on WASI; see tests/wasi/rust.t.
//
// SPDX-License-Identifier: Apache-2.0
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, process, thread};

fn surroundings() {
    println!("args {:?}", env::args().skip(2).collect::<Vec<_>>());
    let mut vars: Vec<_> = env::vars().collect();
    vars.sort();
    println!("vars {:?}", vars);
    println!("unset {:?}", env::var("NOBODY_SET_THIS"));
}

fn count_words() -> io::Result<()> {
    let mut words: HashMap<String, usize> = HashMap::new();
    let mut lines = 0;
    for line in io::stdin().lock().lines() {
        lines += 1;
        for word in line?.split_whitespace() {
            *words.entry(word.to_lowercase()).or_default() += 1;
        }
    }
    let mut sorted: Vec<_> = words.into_iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    println!("{} lines", lines);
    for (word, count) in sorted {
        println!("{} {}", count, word);
    }
    Ok(())
}

fn list(dir: &str) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        names.push(format!(
            "{}{}",
            entry.file_name().to_string_lossy(),
            if kind.is_dir() { "/" } else { "" }
        ));
    }
    names.sort();
    Ok(names)
}

fn tour(box_: &str) -> io::Result<()> {
    let at = |name: &str| format!("{}/{}", box_, name);
    fs::create_dir_all(at("a/b/c"))?;
    println!("again: {:?}", fs::create_dir(at("a")).unwrap_err().kind());
    fs::write(at("a/text"), "first\nsecond\n")?;
    let mut file = OpenOptions::new().append(true).open(at("a/text"))?;
    writeln!(file, "third")?;
    println!("{:?}", fs::read_to_string(at("a/text"))?);

    let mut file = OpenOptions::new().read(true).write(true).open(at("a/text"))?;
    file.seek(SeekFrom::End(-6))?;
    file.write_all(b"THIRD")?;
    file.seek(SeekFrom::Start(6))?;
    let mut rest = String::new();
    file.read_to_string(&mut rest)?;
    println!("{:?} at {}", rest, file.stream_position()?);
    file.set_len(13)?;
    file.sync_all()?;
    println!("{} lines", BufReader::new(File::open(at("a/text"))?).lines().count());

    println!("copied {}", fs::copy(at("a/text"), at("a/b/copy"))?);
    fs::hard_link(at("a/text"), at("a/hard"))?;
    fs::rename(at("a/b"), at("moved"))?;
    println!("{:?} {:?}", list(&at("a"))?, list(&at("moved"))?);
    let meta = fs::metadata(at("moved/copy"))?;
    let age = SystemTime::now().duration_since(meta.modified()?);
    println!("{} {} {}", meta.len(), meta.is_file(), age.unwrap_or_default() < Duration::from_secs(3600));

    println!("{:?}", File::open(at("none")).unwrap_err().kind());
    println!("{:?}", File::create("../outside").is_err());
    println!("{:?}", fs::remove_dir(at("moved")).is_err());
    fs::remove_dir_all(at("moved"))?;
    fs::remove_file(at("a/text"))?;
    println!("{:?}", list(box_)?);
    Ok(())
}

fn time() {
    let start = Instant::now();
    thread::sleep(Duration::from_millis(20));
    println!("slept {}", start.elapsed() >= Duration::from_millis(20));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    println!("this century {}", now > Duration::from_secs(1_600_000_000));
    println!("threads {}", thread::Builder::new().spawn(|| 1).is_ok());
}

fn main() -> io::Result<()> {
    match env::args().nth(1).as_deref() {
        Some("surroundings") => surroundings(),
        Some("words") => count_words()?,
        Some("tour") => tour(&env::args().nth(2).unwrap())?,
        Some("time") => time(),
        Some("exit") => process::exit(42),
        Some("panic") => panic!("as told"),
        _ => return Err(io::Error::new(io::ErrorKind::Other, "what?")),
    }
    Ok(())
}
