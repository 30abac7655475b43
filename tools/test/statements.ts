import ts from 'typescript';

/** A place in the code that runs SQL, and the texts it may run: undefined where they cannot be read without running it. */
export interface Statement {
  readonly file: string;
  /** The method or function. */
  readonly place: string;
  readonly texts: readonly string[] | undefined;
}

/** What a name stands for while a function's body is read: the argument, in the scope of its caller. */
interface Bound {
  readonly node: ts.Expression;
  readonly scope: Scope;
}
type Scope = ReadonlyMap<ts.Symbol, Bound | undefined>;

const PARAMETER = Symbol('parameter');
type Piece = string | typeof PARAMETER;

const RUNNERS = new Set(['rows', 'row', 'execute', 'send', 'inBatches']);

class Unreadable extends Error {}

/**
 * Reads the SQL that files run from their source: every argument of `rows`, `row`, `execute`, `send` and `inBatches`. Nested pieces are followed
 * through constants and functions that are one expression; where a piece depends on a condition, the text is read with all conditions true
 * and with all false.
 */
export function statementsIn(files: readonly string[], options: ts.CompilerOptions): Statement[] {
  const program = ts.createProgram([...files], options);
  const reader = new Reader(program.getTypeChecker());
  return files.flatMap((file) => {
    const source = program.getSourceFile(file);
    return source === undefined ? [] : reader.statementsOf(source, file);
  });
}

class Reader {
  /** What conditions count as that are not decided by an argument. */
  private condition = true;

  constructor(private readonly checker: ts.TypeChecker) {}

  statementsOf(source: ts.SourceFile, file: string): Statement[] {
    const found: Statement[] = [];
    const visit = (node: ts.Node, owner: string): void => {
      const inside = ts.isMethodDeclaration(node) || ts.isFunctionDeclaration(node) ? (node.name?.getText() ?? owner) : owner;
      if (ts.isCallExpression(node)) {
        const argument = this.sqlArgumentOf(node);
        if (argument !== undefined) found.push({ file, place: inside, texts: this.textsOf(argument) });
      }
      ts.forEachChild(node, (child) => visit(child, inside));
    };
    visit(source, '');
    return found;
  }

  private sqlArgumentOf({ expression, arguments: [first] }: ts.CallExpression): ts.Expression | undefined {
    const name = ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
    return first !== undefined && RUNNERS.has(name) && this.isSql(first) ? first : undefined;
  }

  private textsOf(argument: ts.Expression): readonly string[] | undefined {
    try {
      const texts = [true, false].map((condition) => {
        this.condition = condition;
        return textOf(this.read(argument, new Map()));
      });
      return [...new Set(texts)];
    } catch (error) {
      if (error instanceof Unreadable) return undefined;
      throw error;
    }
  }

  private read(node: ts.Expression, scope: Scope): Piece[] {
    if (ts.isParenthesizedExpression(node)) return this.read(node.expression, scope);
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'sql') return this.template(node.template, scope);
    if (ts.isConditionalExpression(node)) return this.read(this.holds(node.condition, scope) ? node.whenTrue : node.whenFalse, scope);
    if (ts.isIdentifier(node)) {
      const { node: meant, scope: around } = this.meaningOf(node, scope);
      return this.read(meant, around);
    }
    if (ts.isCallExpression(node)) return this.call(node, scope);
    throw new Unreadable();
  }

  private template(template: ts.TemplateLiteral, scope: Scope): Piece[] {
    if (ts.isNoSubstitutionTemplateLiteral(template)) return [template.text];
    const spans = template.templateSpans.flatMap(({ expression, literal }): Piece[] => [...this.part(expression, scope), literal.text]);
    return [template.head.text, ...spans];
  }

  private part(node: ts.Expression, scope: Scope): Piece[] {
    if (!this.isSql(node)) return [PARAMETER];
    // A parameter that may be a number or a piece is what its argument is.
    const symbol = ts.isIdentifier(node) ? this.checker.getSymbolAtLocation(node) : undefined;
    const bound = symbol === undefined ? undefined : scope.get(symbol);
    return bound === undefined ? this.read(node, scope) : this.part(bound.node, bound.scope);
  }

  private call(node: ts.CallExpression, scope: Scope): Piece[] {
    const [first, second] = node.arguments;
    const name = node.expression.getText();
    if (name === 'when' && first !== undefined && second !== undefined && ts.isArrowFunction(second))
      return this.holds(first, scope) ? this.read(bodyOf(second), scope) : [''];
    if (name === 'joined' && first !== undefined && second !== undefined) {
      if (!ts.isArrayLiteralExpression(first) || !ts.isStringLiteral(second)) throw new Unreadable();
      const pieces = first.elements.map((element) => this.read(element, scope));
      return pieces.flatMap((piece, index) => (index === 0 ? piece : [second.text, ...piece]));
    }
    const declared = this.declarationOf(node.expression);
    const made = declared !== undefined && ts.isVariableDeclaration(declared) ? declared.initializer : declared;
    if (made === undefined || !(ts.isArrowFunction(made) || ts.isFunctionDeclaration(made))) throw new Unreadable();
    return this.read(bodyOf(made), this.argumentsOf(made, node, scope));
  }

  /** Binds a function's parameters, also those taken out of one object, to what the call gives. */
  private argumentsOf(made: ts.ArrowFunction | ts.FunctionDeclaration, { arguments: given }: ts.CallExpression, scope: Scope): Scope {
    const inner = new Map<ts.Symbol, Bound | undefined>();
    const bind = (name: ts.Identifier, node: ts.Expression | undefined): void => {
      const symbol = this.checker.getSymbolAtLocation(name);
      // What is only handed on is what its caller gave.
      const handedOn = node !== undefined && ts.isIdentifier(node) ? this.symbolOfValue(node) : undefined;
      const bound = handedOn !== undefined && scope.has(handedOn) ? scope.get(handedOn) : node && { node, scope };
      if (symbol !== undefined) inner.set(symbol, bound);
    };
    for (const [index, { name }] of made.parameters.entries()) {
      const argument = given[index];
      if (ts.isIdentifier(name)) bind(name, argument);
      else if (ts.isObjectBindingPattern(name) && argument !== undefined && ts.isObjectLiteralExpression(argument))
        for (const element of name.elements) if (ts.isIdentifier(element.name)) bind(element.name, memberOf(argument, element.name.text));
    }
    return inner;
  }

  /** Of `{ where }` as of `{ where: where }`: the variable, not the member. */
  private symbolOfValue(name: ts.Identifier): ts.Symbol | undefined {
    return ts.isShorthandPropertyAssignment(name.parent)
      ? this.checker.getShorthandAssignmentValueSymbol(name.parent)
      : this.checker.getSymbolAtLocation(name);
  }

  private holds(condition: ts.Expression, scope: Scope): boolean {
    if (ts.isBinaryExpression(condition) && condition.right.getText() === 'undefined' && ts.isIdentifier(condition.left)) {
      const symbol = this.checker.getSymbolAtLocation(condition.left);
      if (symbol !== undefined && scope.has(symbol))
        return (scope.get(symbol) === undefined) === (condition.operatorToken.kind === ts.SyntaxKind.EqualsEqualsEqualsToken);
    }
    return this.condition;
  }

  private meaningOf(name: ts.Identifier, scope: Scope): Bound {
    const symbol = this.symbolOfValue(name);
    const bound = symbol === undefined ? undefined : scope.get(symbol);
    if (bound !== undefined) return bound;
    const declared = this.declarationOf(name);
    const isConstant = declared !== undefined && ts.isVariableDeclaration(declared) && declared.parent.flags & ts.NodeFlags.Const;
    if (!isConstant || declared.initializer === undefined) throw new Unreadable();
    return { node: declared.initializer, scope };
  }

  private declarationOf(name: ts.Expression): ts.Declaration | undefined {
    const symbol = this.checker.getSymbolAtLocation(name);
    if (symbol === undefined) return undefined;
    const real = symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
    return real.valueDeclaration;
  }

  private isSql(node: ts.Expression): boolean {
    const type = this.checker.getTypeAtLocation(node);
    return (type.isUnion() ? type.types : [type]).some(({ symbol }) => ['Sql', 'Statement'].includes(symbol?.name));
  }
}

function textOf(pieces: readonly Piece[]): string {
  let parameters = 0;
  let text = '';
  for (const piece of pieces) {
    if (piece === PARAMETER) parameters += 1;
    text += piece === PARAMETER ? `$${parameters}` : piece;
  }
  return text;
}

function bodyOf({ body }: ts.ArrowFunction | ts.FunctionDeclaration): ts.Expression {
  if (body === undefined) throw new Unreadable();
  if (!ts.isBlock(body)) return body;
  const [only] = body.statements;
  if (only !== undefined && body.statements.length === 1 && ts.isReturnStatement(only) && only.expression !== undefined)
    return only.expression;
  throw new Unreadable();
}

function memberOf(object: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  for (const property of object.properties) {
    if (ts.isSpreadAssignment(property) && ts.isObjectLiteralExpression(property.expression)) {
      const spread = memberOf(property.expression, name);
      if (spread !== undefined) return spread;
    }
    if (property.name?.getText() !== name) continue;
    if (ts.isPropertyAssignment(property)) return property.initializer;
    if (ts.isShorthandPropertyAssignment(property)) return property.name;
  }
  return undefined;
}
