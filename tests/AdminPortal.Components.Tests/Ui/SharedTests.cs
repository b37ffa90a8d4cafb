using System.Globalization;
using AdminPortal.Domain;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Instances;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Radzen;
using Radzen.Blazor;

namespace AdminPortal.Components.Tests.Ui;

public sealed class SharedTests : BunitContext
{
    private readonly TestClock _clock = new();

    public SharedTests()
    {
        Services.AddLogging().AddLocalization();
        Services.AddSingleton<TimeProvider>(_clock);
        Services.AddRadzenComponents();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Theory]
    [InlineData("00:00:00", "just now")]
    [InlineData("00:00:44", "just now")]
    [InlineData("00:00:45", "1 minute ago")]
    [InlineData("00:01:29", "1 minute ago")]
    [InlineData("00:02:00", "2 minutes ago")]
    [InlineData("00:59:59", "59 minutes ago")]
    [InlineData("01:00:00", "1 hour ago")]
    [InlineData("01:59:59", "1 hour ago")]
    [InlineData("02:00:00", "2 hours ago")]
    [InlineData("23:59:59", "23 hours ago")]
    [InlineData("1.00:00:00", "yesterday")]
    [InlineData("1.23:59:59", "yesterday")]
    [InlineData("2.00:00:00", "2 days ago")]
    [InlineData("29.23:59:59", "29 days ago")]
    [InlineData("30.00:00:00", "30 Jan 2026")]
    [InlineData("-00:00:01", "just now")]
    [InlineData("-00:10:00", "1 Mar 2026 12:10")]
    public void Moment_Distance_IsSaidInWords(string distance, string expected) =>
        RenderMoment(_clock.GetUtcNow() - TimeSpan.Parse(distance, CultureInfo.InvariantCulture)).Words().ShouldBe(expected);

    [Fact]
    public void Moment_Between90SecondsAnd2Minutes_SpeaksOfOneMinuteGrammatically() =>
        RenderMoment(_clock.GetUtcNow() - TimeSpan.FromSeconds(100)).Words().ShouldNotBe("1 minutes ago");

    [Fact]
    public void Moment_Title_IsTheExactUtc()
    {
        var time = RenderMoment(new DateTimeOffset(2026, 3, 1, 13, 30, 5, TimeSpan.FromHours(2))).Find("time");

        time.GetAttribute("title").ShouldBe("2026-03-01 11:30:05 UTC");
        time.GetAttribute("datetime").ShouldStartWith("2026-03-01T11:30:05");
    }

    [Fact]
    public void Moment_Exact_IsLocalToTheZoneThatIsCascaded()
    {
        var tokyo = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(9), "test", "test");

        var moment = Render<CascadingValue<TimeZoneInfo>>(zone => zone
            .Add(z => z.Value, tokyo)
            .AddChildContent<Moment>(m => m.Add(c => c.At, _clock.GetUtcNow()).Add(c => c.Exact, true)));

        moment.Words().ShouldBe("1 Mar 2026 21:00:00");
        moment.Find("time").GetAttribute("title").ShouldBe("2026-03-01 12:00:00 UTC");
    }

    [Fact]
    public void Moment_NoZone_IsUtc() => RenderMoment(_clock.GetUtcNow(), exact: true).Words().ShouldBe("1 Mar 2026 12:00:00");

    [Fact]
    public void AttemptStateChip_EveryState_HasWordsOfItsOwnAndAnIcon() =>
        Enum.GetValues<AttemptState>().Select(state => Chip(Render<AttemptStateChip>(chip => chip.Add(c => c.State, state)))).ShouldBeUnique();

    [Fact]
    public void InstanceStateChip_EveryState_HasWordsOfItsOwnAndAnIcon() =>
        Enum.GetValues<InstanceState>().Select(state => Chip(Render<InstanceStateChip>(chip => chip.Add(c => c.State, state)))).ShouldBeUnique();

    [Fact]
    public void InstanceStateChip_NeedsAttention_SaysSo() =>
        Render<InstanceStateChip>(chip => chip.Add(c => c.State, InstanceState.NeedsAttention)).Words().ShouldBe("Needs attention");

    [Fact]
    public void CopyField_Copied_CallsTheScriptAndAnnouncesIt()
    {
        JSInterop.Setup<bool>("portal.copy", "https://x/oauth/callback").SetResult(true);
        var field = RenderCopy();
        field.Role("status").ShouldBe([""]);

        field.Press("Copy Callback URL");

        field.WaitForAssertion(() => field.Role("status").ShouldBe(["Copied"]));
        JSInterop.VerifyInvoke("portal.copy").Arguments.ShouldBe(["https://x/oauth/callback"]);
    }

    [Fact]
    public void CopyField_NotAllowed_AnnouncesNothing()
    {
        JSInterop.Setup<bool>("portal.copy", _ => true).SetResult(false);
        var field = RenderCopy();

        field.Press("Copy Callback URL");

        field.Role("status").ShouldBe([""]);
    }

    [Fact]
    public void CopyField_Value_CanBeReadAndIsDescribed()
    {
        var field = RenderCopy();

        field.Field("Callback URL").GetAttribute("value").ShouldBe("https://x/oauth/callback");
        field.Field("Callback URL").HasAttribute("readonly").ShouldBeTrue();
        field.Description("Callback URL").ShouldBe("Register exactly this.");
    }

    [Fact]
    public void Problems_None_ShowsNothing() => Render<Problems>(problems => problems.Add(p => p.Items, [])).Markup.Trim().ShouldBeEmpty();

    [Fact]
    public void Problems_Some_AreReadOutAtOnceWithTheirMessages()
    {
        var problems = Render<Problems>(p => p.Add(c => c.Items, [new(ProblemKind.Stale, "Reload the page."), new(ProblemKind.Refused, "No.")]));

        problems.Role("alert").ShouldBe(["That did not work Reload the page. No."]);
    }

    [Fact]
    public void Problems_Title_TakesThePlaceOfTheUsualOne() =>
        Render<Problems>(p => p.Add(c => c.Items, [new(ProblemKind.Stale, "Reload.")]).Add(c => c.Title, "Not saved")).Role("alert").ShouldBe(["Not saved Reload."]);

    [Fact]
    public void Outcome_Title_IsTheHeadingAndNamesTheSection()
    {
        var outcome = Render<Outcome>(o => o
            .Add(c => c.Mark, "check").Add(c => c.Title, "Instance created")
            .Add(c => c.Body, "<p>It is connected.</p>").Add(c => c.Actions, "<a href='/connect'>Connect another</a>"));

        outcome.Heading().ShouldBe("Instance created");
        outcome.Find("section").GetAttribute("aria-labelledby").ShouldBe(outcome.Find("h1").Id);
        outcome.Words().ShouldContain("It is connected.");
        outcome.Target("Connect another").ShouldBe("/connect");
    }

    [Fact]
    public async Task ConfirmDialog_Confirmed_AnswersTrue()
    {
        var (dialogs, answer) = Ask();
        dialogs.Words().ShouldContain("It ends.");
        dialogs.Words().ShouldContain("It comes back.");

        dialogs.Press("Disable");

        (await answer).ShouldBeTrue();
    }

    [Fact]
    public async Task ConfirmDialog_Cancelled_AnswersFalse()
    {
        var (dialogs, answer) = Ask();

        dialogs.Press("Cancel");

        (await answer).ShouldBeFalse();
    }

    [Fact]
    public async Task RemoveDialog_SomethingInTheWay_StaysOpenAndSaysWhat()
    {
        Result<Done> result = new Problem(ProblemKind.NotNow, "3 instances belong to it.");
        var dialogs = Render<RadzenDialog>();
        Task<bool> answer = null!;
        await dialogs.InvokeAsync(() => { answer = RemoveDialog.AskAsync(Services.GetRequiredService<DialogService>(), "Remove?", "It goes.", () => Task.FromResult(result)); });
        dialogs.WaitForAssertion(() => dialogs.Words().ShouldContain("It goes."));

        dialogs.Press("Remove");
        dialogs.WaitForAssertion(() => dialogs.Role("alert").ShouldBe(["That did not work 3 instances belong to it."]));
        answer.IsCompleted.ShouldBeFalse();

        result = default(Done);
        dialogs.Press("Remove");
        (await answer).ShouldBeTrue();
    }

    private (IRenderedComponent<RadzenDialog> Dialogs, Task<bool> Answer) Ask()
    {
        var dialogs = Render<RadzenDialog>();
        Task<bool> answer = null!;
        dialogs.InvokeAsync(() => { answer = ConfirmDialog.AskAsync(Services.GetRequiredService<DialogService>(), "Disable it?", ["It ends.", "It comes back."], "Disable"); });
        dialogs.WaitForAssertion(() => dialogs.Words().ShouldContain("It ends."));
        return (dialogs, answer);
    }

    private IRenderedComponent<CopyField> RenderCopy() => Render<CopyField>(field => field
        .Add(f => f.Id, "callback").Add(f => f.Label, "Callback URL").Add(f => f.Value, "https://x/oauth/callback").Add(f => f.Help, "Register exactly this."));

    private IRenderedComponent<Moment> RenderMoment(DateTimeOffset at, bool exact = false) => Render<Moment>(moment => moment.Add(m => m.At, at).Add(m => m.Exact, exact));

    private static string Chip<T>(IRenderedComponent<T> chip)
        where T : IComponent
    {
        chip.FindAll("svg use[href]").Count.ShouldBe(1);
        var words = chip.Words();
        words.ShouldNotBeEmpty();
        words.ShouldNotContain("State.");
        return words;
    }
}
