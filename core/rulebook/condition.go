package rulebook

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/env"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/overloads"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"panah/core/calendar"
)

// Bounds of a condition. There are no loops, no functions of our own at run time and no strings that grow, so its cost is bounded by its
// length; maxCost stands behind that.
const (
	maxCondition = 600 // bytes
	maxDepth     = 24
	maxCost      = 500 // CEL's units, one for each step
	maxAnswer    = 64  // bytes of an answer to a fact
)

// A condition is a compiled `when`.
type condition struct {
	text    string
	program cel.Program
	uses    []string    // variables it reads: "printed", "round", "facts.petitioner"…, ascending
	days    []time.Time // that it names, ascending
	spans   []int       // days(n) that it names
	rounds  []int       // that it compares round with
}

// language is the part of CEL that conditions are written in: comparisons, and/or/not, lists with in, days and how far they are apart.
// day("2025-03-20"), solar("1403-12-30") and days(15) are replaced when the condition is read, so that a month 13 is told then.
func language(facts []Fact) (*cel.Env, error) {
	of := func(name string, ids ...string) *env.Function {
		f := &env.Function{Name: name}
		for _, id := range ids {
			f.Overloads = append(f.Overloads, &env.Overload{ID: id})
		}
		return f
	}
	subset := &env.LibrarySubset{DisableMacros: true, IncludeFunctions: []*env.Function{
		of(operators.LogicalAnd), of(operators.LogicalOr), of(operators.LogicalNot), of(operators.Conditional),
		of(operators.Equals), of(operators.NotEquals), of(operators.In, overloads.InList),
		of(operators.Less, overloads.LessInt64, overloads.LessTimestamp, overloads.LessDuration),
		of(operators.LessEquals, overloads.LessEqualsInt64, overloads.LessEqualsTimestamp, overloads.LessEqualsDuration),
		of(operators.Greater, overloads.GreaterInt64, overloads.GreaterTimestamp, overloads.GreaterDuration),
		of(operators.GreaterEquals, overloads.GreaterEqualsInt64, overloads.GreaterEqualsTimestamp, overloads.GreaterEqualsDuration),
		of(operators.Add, overloads.AddTimestampDuration, overloads.AddDurationTimestamp),
		of(operators.Subtract, overloads.SubtractTimestampDuration, overloads.SubtractTimestampTimestamp),
		of(overloads.TypeConvertTimestamp, overloads.StringToTimestamp), of(overloads.TypeConvertDuration, overloads.StringToDuration),
	}}
	opts := []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(subset)), cel.Macros(dayMacros()...), cel.ParserExpressionSizeLimit(maxCondition), cel.ParserRecursionLimit(maxDepth), cel.ParserErrorRecoveryLimit(2),
		cel.Variable("paper", cel.StringType), cel.Variable("country", cel.StringType), cel.Variable("round", cel.IntType),
		cel.Variable("printed", cel.TimestampType), cel.Variable("on", cel.TimestampType), cel.Variable("known", cel.TimestampType),
	}
	for _, f := range facts {
		of := map[string]*cel.Type{"yesno": cel.BoolType, "choice": cel.StringType, "number": cel.IntType}[f.Type]
		opts = append(opts, cel.Variable("facts."+f.variable(), of))
	}
	e, err := cel.NewCustomEnv(opts...)
	if err != nil {
		return nil, fmt.Errorf("making the language of conditions: %w", err)
	}
	return e, nil
}

// variable is the fact's name in conditions: a hyphen would be a minus there.
func (f Fact) variable() string { return strings.ReplaceAll(f.ID, "-", "_") }

// dayMacros turn day, solar and days into CEL's own timestamps and durations.
func dayMacros() []cel.Macro {
	stamp := func(f cel.MacroExprFactory, d time.Time) ast.Expr {
		return f.NewCall(overloads.TypeConvertTimestamp, f.NewLiteral(types.String(d.Format(time.RFC3339))))
	}
	written := func(in calendar.Name) cel.MacroFactory {
		return func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
			s, ok := literal(args[0]).(types.String)
			if !ok {
				return nil, f.NewError(args[0].ID(), "a day must be written out in quotes, like day(\"2025-03-20\")")
			}
			d, err := plainDay(string(s), in)
			if err != nil {
				return nil, f.NewError(args[0].ID(), err.Error())
			}
			return stamp(f, d), nil
		}
	}
	return []cel.Macro{
		cel.GlobalMacro("day", 1, written(calendar.Gregorian)), cel.GlobalMacro("solar", 1, written(calendar.Solar)),
		cel.GlobalMacro("days", 1, func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
			n, ok := literal(args[0]).(types.Int)
			if !ok || n < 0 || n > maxCount {
				return nil, f.NewError(args[0].ID(), "days must be written out, like days(15), up to "+strconv.Itoa(maxCount))
			}
			return f.NewCall(overloads.TypeConvertDuration, f.NewLiteral(types.String(strconv.Itoa(int(n)*24)+"h"))), nil
		}),
	}
}

func literal(e ast.Expr) ref.Val {
	if e.Kind() != ast.LiteralKind {
		return nil
	}
	return e.AsLiteral()
}

// plainDay reads year-month-day of a calendar.
func plainDay(s string, in calendar.Name) (time.Time, error) {
	m := dayForm.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, fmt.Errorf("%.40q is no day: write year-month-day, like 2025-03-20", s)
	}
	var n [3]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1])
	}
	if n[1] < 1 || n[1] > 12 {
		return time.Time{}, fmt.Errorf("month %d in %q: there is no such month", n[1], s)
	}
	if in == calendar.Solar {
		d, err := calendar.Date{Y: n[0], M: n[1], D: n[2]}.ToGregorian()
		if err != nil {
			return time.Time{}, fmt.Errorf("%q: %w", s, err)
		}
		return d, nil
	}
	d := time.Date(n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, time.UTC)
	if d.Day() != n[2] || n[0] < 1950 || n[0] > 2150 {
		return time.Time{}, fmt.Errorf("%q: there is no such day, or its year is not a Gregorian one (solar(…) takes the others)", s)
	}
	return d, nil
}

// A conditionError is what is wrong in a condition, and where: Column counts from 1 in its text.
type conditionError struct {
	column     int
	said, next string
}

func (e *conditionError) Error() string { return e.said }

var undeclared = regexp.MustCompile(`undeclared reference to '([^']*)'`)

// compile reads a condition. Its error is a conditionError.
func compile(e *cel.Env, when string, facts []Fact) (*condition, error) {
	if len(when) > maxCondition {
		return nil, &conditionError{1, fmt.Sprintf("the condition has %d bytes", len(when)), fmt.Sprintf("At most %d; make two rules of it.", maxCondition)}
	}
	checked, issues := e.Compile(when)
	if issues != nil && issues.Err() != nil {
		return nil, wrongCondition(when, issues, facts)
	}
	if checked.OutputType() != cel.BoolType {
		return nil, &conditionError{1, "the condition says neither true nor false, but " + checked.OutputType().String(), "Compare it with something, like round == 16."}
	}
	if cost, err := e.EstimateCost(checked, noSizes{}); err != nil || cost.Max > maxCost {
		return nil, &conditionError{1, "the condition is too much work", "Make two rules of it."}
	}
	program, err := e.Program(checked, cel.EvalOptions(cel.OptOptimize, cel.OptPartialEval), cel.CostLimit(maxCost))
	if err != nil {
		return nil, &conditionError{1, "the condition cannot be worked out: " + err.Error(), "Write it more simply."}
	}
	c := &condition{text: when, program: program}
	if err := c.look(checked.NativeRep()); err != nil {
		return nil, err
	}
	return c, nil
}

// fact finds facts in a condition.
var fact = regexp.MustCompile(`\bfacts\.\w+`)

func wrongCondition(when string, issues *cel.Issues, facts []Fact) error {
	first := issues.Errors()[0]
	said, _, _ := strings.Cut(first.Message, " expecting {")
	out := &conditionError{column: first.Location.Column() + 1, said: "the condition is not understood: " + said, next: "docs/rulebook.md shows what conditions may say."}
	if strings.Contains(said, "recursion limit") {
		out.column, out.said, out.next = 1, fmt.Sprintf("the condition is nested deeper than %d", maxDepth), "Take parentheses away, or make two rules of it."
	}
	m := undeclared.FindStringSubmatch(said)
	if m == nil {
		return out
	}
	known := []string{"paper", "country", "round", "printed", "on", "known", "day", "solar", "days"}
	for _, f := range facts {
		known = append(known, "facts."+f.variable())
	}
	name := m[1]
	for _, whole := range fact.FindAllString(when, -1) { // CEL only says that there is no "facts"
		if name == "facts" && !slices.Contains(known, whole) {
			name = whole
		}
	}
	out.said = fmt.Sprintf("the condition names `%.60s`, which is nothing", name)
	if out.next = meant(name, known); out.next == "" {
		out.next = "These are known: " + strings.Join(known, ", ") + ". New facts are declared under `facts`."
	}
	return out
}

// noSizes: strings and lists of a condition are written out in it, and those of a Question are short.
type noSizes struct{}

// EstimateSize gives strings and lists of a Question their bound.
func (noSizes) EstimateSize(checker.AstNode) *checker.SizeEstimate {
	return &checker.SizeEstimate{Max: maxAnswer}
}

// EstimateCallCost leaves the costs of CEL as they are.
func (noSizes) EstimateCallCost(string, string, *checker.AstNode, []checker.AstNode) *checker.CallEstimate {
	return nil
}

// look finds what a condition reads, and the days and rounds that it names: at these its answer may turn. Rounds are names and no
// measure: they may only be compared by ==, != and in, so that every round that no rule names gets one and the same answer.
func (c *condition) look(tree *ast.AST) (err error) {
	compared := map[int64]bool{} // uses of round that are accounted for
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if r := tree.ReferenceMap()[e.ID()]; r != nil && r.Name != "" && len(r.OverloadIDs) == 0 {
			c.uses = append(c.uses, r.Name)
			if r.Name == "round" && !compared[e.ID()] {
				at := tree.SourceInfo().GetStartLocation(e.ID())
				err = &conditionError{at.Column() + 1, "rounds are names: one is not more than another", "Write round == 16, or round in [15, 16, 17]."}
			}
		}
		if e.Kind() != ast.CallKind {
			return
		}
		switch call := e.AsCall(); call.FunctionName() {
		case operators.Equals, operators.NotEquals, operators.In:
			c.named(call.Args(), compared)
		case overloads.TypeConvertTimestamp, overloads.TypeConvertDuration:
			c.moment(call)
		}
	}))
	slices.Sort(c.uses)
	c.uses = slices.Compact(c.uses)
	slices.SortFunc(c.days, time.Time.Compare)
	slices.Sort(c.spans)
	return err
}

// named notes the rounds that round is compared with, when they are written out.
func (c *condition) named(args []ast.Expr, compared map[int64]bool) {
	for i, a := range args {
		if a.Kind() != ast.IdentKind || a.AsIdent() != "round" {
			continue
		}
		others := args[1-i : 2-i]
		if others[0].Kind() == ast.ListKind {
			others = others[0].AsList().Elements()
		}
		for _, o := range others {
			n, ok := literal(o).(types.Int)
			if !ok {
				return
			}
			c.rounds = append(c.rounds, int(n))
		}
		compared[a.ID()] = true
	}
}

// moment notes a day(…) or days(…), as its macro left it.
func (c *condition) moment(call ast.CallExpr) {
	s, _ := literal(call.Args()[0]).(types.String)
	if call.FunctionName() == overloads.TypeConvertTimestamp {
		if d, err := time.Parse(time.RFC3339, string(s)); err == nil {
			c.days = append(c.days, d)
		}
	} else if d, err := time.ParseDuration(string(s)); err == nil {
		c.spans = append(c.spans, int(math.Round(d.Hours()/24)))
	}
}

// truth is what a condition comes to when some of what it reads may be missing.
type truth int

const (
	no truth = iota
	yes
	missing // it hangs on something that is not known
	broken  // it cannot be worked out
)

// ask works a condition out. In missing, needs are the variables that it hangs on; in broken, the error says why.
func (c *condition) ask(given map[string]any, absent []*cel.AttributePatternType) (t truth, needs []string, err error) {
	var in any = given
	if len(absent) > 0 {
		if in, err = cel.PartialVars(given, absent...); err != nil {
			return broken, nil, err
		}
	}
	out, _, err := c.program.Eval(in)
	if u, ok := out.(*types.Unknown); ok {
		for _, i := range u.IDs() {
			trails, _ := u.GetAttributeTrails(i)
			for _, a := range trails {
				if !slices.Contains(needs, a.Variable()) {
					needs = append(needs, a.Variable())
				}
			}
		}
		slices.Sort(needs)
		return missing, needs, nil
	}
	switch {
	case err != nil:
		return broken, nil, err
	case out == types.True:
		return yes, nil, nil
	case out == types.False:
		return no, nil, nil
	}
	return broken, nil, fmt.Errorf("it came to %v", out.Type())
}
