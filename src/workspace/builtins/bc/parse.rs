//! Programs as trees.

use super::lex::Token;

/// The deepest nesting of brackets and blocks.
const MAX_DEPTH: usize = 200;

/// What has a value.
#[derive(Clone, Debug)]
pub enum Expression {
    Number(String),
    Variable(String),
    Element(String, Box<Expression>),
    /// A whole array as an argument.
    Array(String),
    Call(String, Vec<Expression>),
    Negative(Box<Expression>),
    Not(Box<Expression>),
    Binary(&'static str, Box<Expression>, Box<Expression>),
    /// `a op= b`; the operator is empty for `=`.
    Assign(Box<Expression>, &'static str, Box<Expression>),
    /// `++a` and the like: whether it is added to, and whether the value is that from before.
    Step(Box<Expression>, bool, bool),
    Last,
    /// In brackets, which makes an assignment's value print.
    Group(Box<Expression>),
}

/// What is done.
#[derive(Clone, Debug)]
pub enum Statement {
    Expression(Expression),
    Text(String),
    Print(Vec<Statement>),
    If(Expression, Box<Statement>, Option<Box<Statement>>),
    While(Expression, Box<Statement>),
    For(Option<Expression>, Option<Expression>, Option<Expression>, Box<Statement>),
    Block(Vec<Statement>),
    Break,
    Continue,
    Return(Option<Expression>),
    Quit,
    Define(Function),
}

/// A function. Names with `[]` are arrays.
#[derive(Clone, Debug)]
pub struct Function {
    pub name: String,
    pub parameters: Vec<String>,
    pub locals: Vec<String>,
    pub body: Vec<Statement>,
}

/// Reads statements one after the other.
pub struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

type Parsed<T> = Result<T, String>;

impl Parser {
    /// A parser of these words.
    pub fn new(tokens: Vec<Token>) -> Self {
        Self { tokens, at: 0, depth: 0 }
    }

    /// The next statement; none at the end. After an error the rest of its line is skipped.
    pub fn next(&mut self) -> Option<Parsed<Statement>> {
        while self.is("\n") || self.is(";") {
            self.at += 1;
        }
        self.peek()?;
        let statement = self.statement();
        let ended = self.peek().is_none() || self.is("\n") || self.is(";") || self.is("}");
        match statement {
            Ok(statement) if ended || matches!(statement, Statement::Define(_) | Statement::Block(_)) => {
                Some(Ok(statement))
            }
            other => {
                while self.peek().is_some() && !self.is("\n") {
                    self.at += 1;
                }
                self.depth = 0;
                Some(other.and(Err("syntax error".to_owned())))
            }
        }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn is(&self, mark: &str) -> bool {
        match self.peek() {
            Some(Token::Mark(found)) => *found == mark,
            Some(Token::Line) => mark == "\n",
            _ => false,
        }
    }

    fn take(&mut self, mark: &str) -> bool {
        let found = self.is(mark);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, mark: &str) -> Parsed<()> {
        if self.take(mark) { Ok(()) } else { Err("syntax error".to_owned()) }
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Name(name)) if name == word);
        self.at += usize::from(found);
        found
    }

    fn name(&mut self) -> Parsed<String> {
        match self.peek() {
            Some(Token::Name(name)) => {
                let name = name.clone();
                self.at += 1;
                Ok(name)
            }
            _ => Err("syntax error".to_owned()),
        }
    }

    fn lines(&mut self) {
        while self.take("\n") {}
    }

    fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("nested too deeply".to_owned());
        }
        let result = work(self);
        self.depth -= 1;
        result
    }

    fn statement(&mut self) -> Parsed<Statement> {
        self.deeper(Self::statement_inside)
    }

    fn statement_inside(&mut self) -> Parsed<Statement> {
        if self.take("{") {
            return Ok(Statement::Block(self.block()?));
        }
        if let Some(Token::Text(text)) = self.peek() {
            let text = text.clone();
            self.at += 1;
            return Ok(Statement::Text(text));
        }
        let Some(Token::Name(name)) = self.peek() else { return Ok(Statement::Expression(self.expression()?)) };
        let name = name.clone();
        let start = self.at;
        self.at += 1;
        Ok(match name.as_str() {
            "if" => {
                self.expect("(")?;
                let condition = self.expression()?;
                self.expect(")")?;
                self.lines();
                let body = self.statement()?;
                let mark = self.at;
                while self.take("\n") || self.take(";") {}
                let otherwise = if self.word("else") {
                    self.lines();
                    Some(Box::new(self.statement()?))
                } else {
                    self.at = mark;
                    None
                };
                Statement::If(condition, Box::new(body), otherwise)
            }
            "while" => {
                self.expect("(")?;
                let condition = self.expression()?;
                self.expect(")")?;
                self.lines();
                Statement::While(condition, Box::new(self.statement()?))
            }
            "for" => {
                self.expect("(")?;
                let mut part = |end: &str| -> Parsed<Option<Expression>> {
                    if self.take(end) {
                        return Ok(None);
                    }
                    let expression = self.expression()?;
                    self.expect(end)?;
                    Ok(Some(expression))
                };
                let (first, condition, last) = (part(";")?, part(";")?, part(")")?);
                self.lines();
                Statement::For(first, condition, last, Box::new(self.statement()?))
            }
            "break" => Statement::Break,
            "continue" => Statement::Continue,
            "quit" | "halt" => Statement::Quit,
            "return" => {
                let ends = self.peek().is_none() || self.is("\n") || self.is(";") || self.is("}");
                Statement::Return(if ends { None } else { Some(self.expression()?) })
            }
            "print" => {
                let mut parts = Vec::new();
                loop {
                    match self.peek() {
                        Some(Token::Text(text)) => {
                            parts.push(Statement::Text(text.clone()));
                            self.at += 1;
                        }
                        _ => parts.push(Statement::Expression(self.expression()?)),
                    }
                    if !self.take(",") {
                        break;
                    }
                }
                Statement::Print(parts)
            }
            "define" => Statement::Define(self.define()?),
            _ => {
                self.at = start;
                Statement::Expression(self.expression()?)
            }
        })
    }

    fn block(&mut self) -> Parsed<Vec<Statement>> {
        let mut body = Vec::new();
        loop {
            while self.take("\n") || self.take(";") {}
            if self.take("}") {
                return Ok(body);
            }
            if self.peek().is_none() {
                return Err("syntax error".to_owned());
            }
            body.push(self.statement()?);
        }
    }

    fn names(&mut self, end: &str) -> Parsed<Vec<String>> {
        let mut names = Vec::new();
        while !self.take(end) {
            let mut name = self.name()?;
            if self.take("[") {
                self.expect("]")?;
                name.push_str("[]");
            }
            names.push(name);
            if !self.take(",") {
                self.expect(end)?;
                break;
            }
        }
        Ok(names)
    }

    fn define(&mut self) -> Parsed<Function> {
        let _ = self.word("void");
        let name = self.name()?;
        self.expect("(")?;
        let parameters = self.names(")")?;
        self.lines();
        self.expect("{")?;
        while self.take("\n") || self.take(";") {}
        let locals = if self.word("auto") {
            let end = if self.tokens[self.at..]
                .iter()
                .take_while(|token| **token != Token::Line)
                .any(|token| *token == Token::Mark(";"))
            {
                ";"
            } else {
                "\n"
            };
            self.names(end)?
        } else {
            Vec::new()
        };
        Ok(Function { name, parameters, locals, body: self.block()? })
    }

    fn expression(&mut self) -> Parsed<Expression> {
        self.deeper(|parser| parser.binary(0))
    }

    /// Operators by how weakly they bind, as in `bc`: `||`, `&&`, `!`, comparison, assignment, sums, products, powers.
    fn binary(&mut self, level: usize) -> Parsed<Expression> {
        const LEVELS: [&[&str]; 6] =
            [&["||"], &["&&"], &[], &["==", "!=", "<=", ">=", "<", ">"], &["+", "-"], &["*", "/", "%"]];
        if level == 2 && self.take("!") {
            let inner = self.deeper(|parser| parser.binary(2))?;
            return Ok(Expression::Not(Box::new(inner)));
        }
        let Some(operators) = LEVELS.get(level) else { return self.power() };
        let mut left = self.binary(level + 1)?;
        loop {
            let Some(operator) = operators.iter().find(|operator| self.is(operator)) else { return Ok(left) };
            self.at += 1;
            let right = self.binary(level + 1)?;
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
    }

    fn power(&mut self) -> Parsed<Expression> {
        if self.take("-") {
            let inner = self.deeper(Self::power_of_negative)?;
            return Ok(inner);
        }
        let base = self.operand()?;
        if self.take("^") {
            let exponent = self.deeper(Self::power)?;
            return Ok(Expression::Binary("^", Box::new(base), Box::new(exponent)));
        }
        Ok(base)
    }

    /// A sign binds more strongly than a power: `-2^2` is 4.
    fn power_of_negative(&mut self) -> Parsed<Expression> {
        let inner = if self.take("-") { self.deeper(Self::power_of_negative)? } else { self.operand()? };
        let negative = Expression::Negative(Box::new(inner));
        if self.take("^") {
            let exponent = self.deeper(Self::power)?;
            return Ok(Expression::Binary("^", Box::new(negative), Box::new(exponent)));
        }
        Ok(negative)
    }

    fn operand(&mut self) -> Parsed<Expression> {
        for (mark, up) in [("++", true), ("--", false)] {
            if self.take(mark) {
                let place = self.deeper(Self::operand)?;
                return Ok(Expression::Step(Box::new(place), up, false));
            }
        }
        if self.take("(") {
            let inner = self.expression()?;
            self.expect(")")?;
            return Ok(Expression::Group(Box::new(inner)));
        }
        if self.take(".") {
            return Ok(Expression::Last);
        }
        if let Some(Token::Number(number)) = self.peek() {
            let number = number.clone();
            self.at += 1;
            return Ok(Expression::Number(number));
        }
        let name = self.name()?;
        let place = if self.take("(") {
            let mut arguments = Vec::new();
            while !self.take(")") {
                arguments.push(self.expression()?);
                if !self.take(",") {
                    self.expect(")")?;
                    break;
                }
            }
            return Ok(Expression::Call(name, arguments));
        } else if self.take("[") {
            if self.take("]") {
                return Ok(Expression::Array(name));
            }
            let index = self.expression()?;
            self.expect("]")?;
            Expression::Element(name, Box::new(index))
        } else if name == "last" {
            Expression::Last
        } else {
            Expression::Variable(name)
        };
        for operator in ["=", "+=", "-=", "*=", "/=", "%=", "^="] {
            if self.is(operator) {
                self.at += 1;
                let value = self.deeper(|parser| parser.binary(0))?;
                return Ok(Expression::Assign(Box::new(place), operator.trim_end_matches('='), Box::new(value)));
            }
        }
        for (mark, up) in [("++", true), ("--", false)] {
            if self.take(mark) {
                return Ok(Expression::Step(Box::new(place), up, true));
            }
        }
        Ok(place)
    }
}
