using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Secrets;

namespace AdminPortal.Provisioning.Tests.Attempts;

/// <content>The table of all transitions, and attempts in each state.</content>
public sealed partial class StateMachineTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Later = Start.AddMinutes(1);
    private static readonly Sealed SomeCode = new("sealed-code");
    private static readonly byte[] StateHash = [1, 2, 3];
    private static readonly byte[] BrowserHash = [4, 5, 6];
    private static readonly Guid Instance = Guid.NewGuid();

    private static readonly Dictionary<string, Action<ProvisioningAttempt>> Transitions = new()
    {
        ["Reopen"] = attempt => attempt.Reopen(Later),
        ["AwaitConsent"] = attempt => attempt.AwaitConsent(StateHash, new Sealed("url"), "https://portal.example.com/oauth/callback", Later, TimeSpan.FromMinutes(15)),
        ["Leave"] = attempt => attempt.Leave(BrowserHash, Later),
        ["ReceiveCode"] = attempt => attempt.ReceiveCode(SomeCode, "dt123.infusionsoft.com", Later),
        ["ReceiveError"] = attempt => attempt.ReceiveError(new AttemptEnding(EndingReason.AccessDenied), Later),
        ["Expire"] = attempt => attempt.Expire(Later),
        ["Claim"] = attempt => attempt.Claim(Guid.NewGuid(), Later, TimeSpan.FromMinutes(1)),
        ["Succeed"] = attempt => attempt.Succeed(Held, Instance, 77, Later),
        ["PutBack"] = attempt => attempt.PutBack(Held, new AttemptEnding(EndingReason.Busy, 429), Later, Later.AddSeconds(2)),
        ["Fail"] = attempt => attempt.Fail(Held, new AttemptEnding(EndingReason.Refused, 400, "no"), Later),
        ["LoseAnswer"] = attempt => attempt.LoseAnswer(Held, new AttemptEnding(EndingReason.NoClearAnswer), Later),
        ["TakeOver"] = attempt => attempt.TakeOver(Later),
        ["SucceedLate"] = attempt => attempt.SucceedLate(Outdated, Instance, 77, Later),
        ["FailLate"] = attempt => attempt.FailLate(Outdated, new AttemptEnding(EndingReason.Refused, 400, "no"), Later),
        ["LoseAnswerLate"] = attempt => attempt.LoseAnswerLate(Outdated, new AttemptEnding(EndingReason.NoClearAnswer), Later),
        ["AdoptLate"] = attempt => attempt.AdoptLate(Instance, 78, Later),
        ["SearchLateAgain"] = attempt => attempt.SearchLateAgain(Later.AddHours(1)),
        ["SearchAgain"] = attempt => attempt.SearchAgain(Later.AddSeconds(5)),
        ["Adopt"] = attempt => attempt.Adopt(Instance, 78, Later),
        ["ConcludeAbsent"] = attempt => attempt.ConcludeAbsent("request-3", Later),
        ["PassPreflight"] = attempt => attempt.PassPreflight(null, TimeSpan.FromMilliseconds(20), Later),
        ["HoldCode"] = attempt => attempt.HoldCode(SomeCode, "zt119.infusionsoft.com", "dt123.infusionsoft.com", Later, TimeSpan.FromMinutes(4)),
        ["Accept"] = attempt => attempt.Accept(Later),
        ["Decline"] = attempt => attempt.Decline(Later),
        ["LapseDecision"] = attempt => attempt.LapseDecision(Later),
        ["LapseCode"] = attempt => attempt.LapseCode(Later),
        ["Verify"] = attempt => attempt.Verify(null, null, Later),
        ["VerifyLater"] = attempt => attempt.VerifyLater(Later),
        ["FindOrphan"] = attempt => attempt.FindOrphan(79, Later),
        ["RemoveOrphan"] = attempt => attempt.RemoveOrphan(79, Later),
    };

    public static TheoryData<string> AllTransitions() => [.. Transitions.Keys];

    public static TheoryData<AttemptState, string> AllPairs()
    {
        var pairs = new TheoryData<AttemptState, string>();
        foreach (var state in Enum.GetValues<AttemptState>())
        {
            foreach (var transition in Transitions.Keys) pairs.Add(state, transition);
        }

        return pairs;
    }

    private static void CheckTransition(ProvisioningAttempt attempt, string transition, (AttemptState To, AttemptEvent? Written)? expected)
    {
        var before = Fields(attempt);
        var history = attempt.History.Count;

        if (expected is { } legal)
        {
            Transitions[transition](attempt);

            attempt.State.ShouldBe(legal.To);
            attempt.History.Count.ShouldBe(legal.Written is null ? history : history + 1);
            if (legal.Written is not { } written) return;
            var line = attempt.History[^1];
            line.Event.ShouldBe(written);
            line.State.ShouldBe(legal.To);
            line.At.ShouldBe(Later);
            line.AttemptId.ShouldBe(attempt.Id);
            attempt.UpdatedAt.ShouldBe(Later);
        }
        else
        {
            _ = Should.Throw<IllegalTransitionException>(() => Transitions[transition](attempt));

            Fields(attempt).ShouldBe(before);
            attempt.History.Count.ShouldBe(history);
        }
    }

    private static ProvisioningAttempt In(AttemptState state)
    {
        var attempt = ProvisioningAttempt.Begin(Start, null, "infusionsoftcrm", Guid.NewGuid());
        attempt.SealedConfiguration["secret"] = new Sealed("sealed");
        if (state == AttemptState.Draft) return attempt;

        attempt.AwaitConsent(StateHash, new Sealed("url"), "https://portal.example.com/oauth/callback", Start, TimeSpan.FromMinutes(15));
        switch (state)
        {
            case AttemptState.AwaitingConsent:
                break;
            case AttemptState.Denied:
                attempt.ReceiveError(new AttemptEnding(EndingReason.AccessDenied), Start);
                break;
            case AttemptState.Expired:
                attempt.Expire(Start);
                break;
            case AttemptState.AwaitingDecision:
                attempt.HoldCode(SomeCode, "zt119.infusionsoft.com", "dt123.infusionsoft.com", Start, TimeSpan.FromMinutes(4));
                break;
            default:
                attempt.ReceiveCode(SomeCode, "dt123.infusionsoft.com", Start);
                if (state == AttemptState.CodeReceived) break;
                attempt.Claim(Guid.NewGuid(), Start, TimeSpan.FromMinutes(1));
                if (state == AttemptState.Active) attempt.Succeed(Held, Instance, 77, Start);
                if (state == AttemptState.Failed) attempt.Fail(Held, new AttemptEnding(EndingReason.Refused, 400), Start);
                if (state == AttemptState.Ambiguous) attempt.LoseAnswer(Held, new AttemptEnding(EndingReason.NoClearAnswer), Start);
                break;
        }

        attempt.State.ShouldBe(state);
        return attempt;
    }

    private static ProvisioningAttempt NothingFound()
    {
        var attempt = In(AttemptState.Ambiguous);
        attempt.ConcludeAbsent("request-3", Start);
        return attempt;
    }

    private static Dictionary<string, object?> Fields(ProvisioningAttempt attempt) =>
        typeof(ProvisioningAttempt).GetProperties(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public)
            .Where(property => property.Name != nameof(ProvisioningAttempt.History))
            .ToDictionary(property => property.Name, property => property.GetValue(attempt));
}
