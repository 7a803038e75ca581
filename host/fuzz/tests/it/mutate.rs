//! Inputs made of seeds: the same ones every time.
#![expect(clippy::indexing_slicing, reason = "tests")]

/// Makes inputs of seeds and words.
pub(crate) struct Mutator {
    seeds: Vec<Vec<u8>>,
    words: Vec<Vec<u8>>,
    state: u64,
}

impl Mutator {
    /// `dictionary`: a word a line, in quotes, as libFuzzer has it.
    pub(crate) fn new<'a>(seeds: impl Iterator<Item = &'a [u8]>, dictionary: &str) -> Self {
        let words = dictionary.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
        let words = words.map(unescaped).collect();
        Self { seeds: seeds.map(<[u8]>::to_vec).collect(), words, state: 0x9e37_79b9_7f4a_7c15 }
    }

    /// The next input: a seed, changed up to eight times.
    pub(crate) fn next(&mut self) -> Vec<u8> {
        let mut input = self.seed();
        for _ in 0..=self.below(8) {
            self.change(&mut input);
        }
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        match self.below(8) {
            0 | 1 if at < input.len() => input[at] = self.byte(),
            2 if at < input.len() => input[at] ^= 1 << self.below(8),
            3 => input.insert(at, self.byte()),
            4 => {
                let end = (at + self.below(9)).min(input.len());
                input.drain(at..end);
            }
            5 => {
                let end = (at + self.below(33)).min(input.len());
                let part = input[at..end].to_vec();
                let to = self.below(input.len() + 1);
                input.splice(to..to, part);
            }
            6 => {
                let other = self.seed();
                let from = self.below(other.len() + 1);
                input.truncate(at);
                input.extend(&other[from..]);
            }
            _ if !self.words.is_empty() => {
                let word = self.below(self.words.len());
                let word = self.words[word].clone();
                let end = (at + self.below(word.len() + 1)).min(input.len());
                input.splice(at..end, word);
            }
            _ => input.truncate(at),
        }
    }

    fn seed(&mut self) -> Vec<u8> {
        let place = self.below(self.seeds.len());
        self.seeds[place].clone()
    }

    fn byte(&mut self) -> u8 {
        self.below(256) as u8
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        // xorshift64*, whose upper half is the random one.
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        ((self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize) % end
    }
}

/// A word without its escapes: a backslash, `x` and two digits, or two backslashes.
fn unescaped(word: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = word;
    while let Some((before, escape)) = rest.split_once('\\') {
        bytes.extend(before.bytes());
        let digits = escape.strip_prefix('x').and_then(|escape| escape.split_at_checked(2));
        rest = match digits.and_then(|(digits, rest)| Some((u8::from_str_radix(digits, 16).ok()?, rest))) {
            Some((byte, rest)) => {
                bytes.push(byte);
                rest
            }
            None => {
                bytes.push(b'\\');
                &escape[1..]
            }
        };
    }
    bytes.extend(rest.bytes());
    bytes
}
