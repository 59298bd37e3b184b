package rulebook

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/env"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/overloads"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"panah/core/calendar"
)

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
