package command

import (
	"bufio"
	"context"
	"flag"
	"io"
	"strings"

	"panah/core/roster"
	"panah/desk"
)

func deskInvite() command {
	return command{
		name: "desk invite", args: "[--role ROLE] [--data DIR]", short: "let a new desk into the organisation",
		long: `Makes a code of nine digits for one new desk, good for ten minutes. Tell it by telephone or in person to whoever sits at the new
desk, for "panah desk join". When that desk answers, both show the same six words: compare them aloud, and type "yes" only when all
six are the same. When they differ, somebody stands between the two: type anything else.

Roles: keeper (changes the list of desks), caseworker, specialist (may be named for locked cases), reader. Only a keeper's desk can.`,
		example: "panah desk invite --role caseworker",
		prepare: func(flags *flag.FlagSet) runner {
			data := flags.String("data", deskDir(), "`DIR` of the desk")
			role := flags.String("role", string(roster.RoleCaseworker), "`ROLE` of the new desk")
			lang := flags.String("lang", "en", "`LANGUAGE` of the six words: en, fa, fa-AF, ps, ur")
			return func(ctx context.Context, s Streams, args []string) error {
				if err := noArgs(args); err != nil {
					return err
				}
				if !roster.Role(*role).Valid() {
					return misuse("there is no role %q; choose keeper, caseworker, specialist or reader", *role)
				}
				if err := desk.CheckLanguage(*lang); err != nil {
					return misuse("%v", err)
				}
				return withDesk(ctx, s, *data, func(ctx context.Context, o *desk.Opened) error {
					return invite(ctx, s, o, roster.Role(*role), *lang)
				})
			}
		},
	}
}

func invite(ctx context.Context, s Streams, o *desk.Opened, role roster.Role, lang string) error {
	code, until, err := o.Invite(ctx)
	if err != nil {
		return err
	}
	s.data("code:   %s", code)
	s.say("Good until %s. On the new computer: panah desk join, or its pages. Waiting …", until.Local().Format("15:04"))
	in, err := o.Await(ctx)
	if err != nil {
		return err
	}
	if in.State != "compare" {
		return no("%s", in.Problem)
	}
	s.say("%s answered with this code. Its screen must show the same six words; compare them aloud:", printable(in.Name))
	s.data("words:  %s", strings.Join(desk.SixWords(in.Words, lang), " "))
	s.say("Are all six the same? Type yes to let it in as %s, anything else to turn it away:", role)
	typed, err := bufio.NewReader(io.LimitReader(s.In, 100)).ReadString('\n')
	if err != nil && err != io.EOF {
		return err
	}
	if strings.TrimSpace(typed) != "yes" {
		if err := o.TurnAway(ctx); err != nil {
			return err
		}
		return no("the desk was turned away; nothing was changed")
	}
	if err := o.Admit(ctx, role); err != nil {
		return err
	}
	k, err := o.Keys(ctx)
	if err != nil {
		return err
	}
	tellWaiting(s, k)
	s.say("%s is a desk of the organisation now.", printable(in.Name))
	return nil
}
