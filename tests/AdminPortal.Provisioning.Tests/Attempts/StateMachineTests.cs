using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Attempts;

namespace AdminPortal.Provisioning.Tests.Attempts;

/// <summary>All states by all events, as one table.</summary>
public sealed partial class StateMachineTests
{
    // The fencing number of the claim in these tests, and one that another claim has overtaken.
    private const int Held = 1;
    private const int Outdated = 0;

    private static readonly Dictionary<(AttemptState From, string Transition), (AttemptState To, AttemptEvent? Written)> Legal = new()
    {
        [(AttemptState.Draft, "Reopen")] = (AttemptState.Draft, null),
        [(AttemptState.Draft, "AwaitConsent")] = (AttemptState.AwaitingConsent, AttemptEvent.OAuthUrlObtained),
        [(AttemptState.AwaitingConsent, "Reopen")] = (AttemptState.Draft, AttemptEvent.Reopened),
        [(AttemptState.AwaitingConsent, "AwaitConsent")] = (AttemptState.AwaitingConsent, AttemptEvent.OAuthUrlObtained),
        [(AttemptState.AwaitingConsent, "Leave")] = (AttemptState.AwaitingConsent, AttemptEvent.Left),
        [(AttemptState.AwaitingConsent, "ReceiveCode")] = (AttemptState.CodeReceived, AttemptEvent.CodeReturned),
        [(AttemptState.AwaitingConsent, "ReceiveError")] = (AttemptState.Denied, AttemptEvent.ErrorReturned),
        [(AttemptState.AwaitingConsent, "Expire")] = (AttemptState.Expired, AttemptEvent.TimeRanOut),
        [(AttemptState.CodeReceived, "Claim")] = (AttemptState.Provisioning, AttemptEvent.Claimed),
        [(AttemptState.Provisioning, "Succeed")] = (AttemptState.Active, AttemptEvent.Answered),
        [(AttemptState.Provisioning, "PutBack")] = (AttemptState.CodeReceived, AttemptEvent.PutBack),
        [(AttemptState.Provisioning, "Fail")] = (AttemptState.Failed, AttemptEvent.Refused),
        [(AttemptState.Provisioning, "LoseAnswer")] = (AttemptState.Ambiguous, AttemptEvent.AnswerLost),
        [(AttemptState.Provisioning, "TakeOver")] = (AttemptState.Ambiguous, AttemptEvent.AnswerLost),
        [(AttemptState.Ambiguous, "SucceedLate")] = (AttemptState.Active, AttemptEvent.AnsweredLate),
        [(AttemptState.Ambiguous, "FailLate")] = (AttemptState.Failed, AttemptEvent.RefusedLate),
        [(AttemptState.Ambiguous, "LoseAnswerLate")] = (AttemptState.Ambiguous, AttemptEvent.AnswerLostLate),
        [(AttemptState.Ambiguous, "SearchAgain")] = (AttemptState.Ambiguous, null),
        [(AttemptState.Ambiguous, "Adopt")] = (AttemptState.Active, AttemptEvent.Adopted),
        [(AttemptState.Ambiguous, "ConcludeAbsent")] = (AttemptState.Failed, AttemptEvent.ProvedAbsent),
        [(AttemptState.Draft, "PassPreflight")] = (AttemptState.Draft, AttemptEvent.PreflightPassed),
        [(AttemptState.AwaitingConsent, "PassPreflight")] = (AttemptState.AwaitingConsent, AttemptEvent.PreflightPassed),
        [(AttemptState.AwaitingConsent, "HoldCode")] = (AttemptState.AwaitingDecision, AttemptEvent.OtherAccountReturned),
        [(AttemptState.AwaitingDecision, "Accept")] = (AttemptState.CodeReceived, AttemptEvent.Accepted),
        [(AttemptState.AwaitingDecision, "Decline")] = (AttemptState.Failed, AttemptEvent.Declined),
        [(AttemptState.AwaitingDecision, "LapseDecision")] = (AttemptState.Failed, AttemptEvent.TimeRanOut),
        [(AttemptState.CodeReceived, "LapseCode")] = (AttemptState.Failed, AttemptEvent.CodeLapsed),
        [(AttemptState.Active, "Verify")] = (AttemptState.Active, AttemptEvent.Verified),
        [(AttemptState.Active, "VerifyLater")] = (AttemptState.Active, null),
        [(AttemptState.Active, "FindOrphan")] = (AttemptState.Active, AttemptEvent.OrphanFound),
        [(AttemptState.Active, "RemoveOrphan")] = (AttemptState.Active, AttemptEvent.OrphanRemoved),
    };

    // From Failed because nothing was found; from Failed for any other reason nothing is legal.
    private static readonly Dictionary<string, (AttemptState To, AttemptEvent? Written)> LegalWhenNothingWasFound = new()
    {
        ["SucceedLate"] = (AttemptState.Active, AttemptEvent.AnsweredLate),
        ["FailLate"] = (AttemptState.Failed, AttemptEvent.RefusedLate),
        ["LoseAnswerLate"] = (AttemptState.Ambiguous, AttemptEvent.AnswerLostLate),
        ["AdoptLate"] = (AttemptState.Active, AttemptEvent.FoundLate),
        ["SearchLateAgain"] = (AttemptState.Failed, null),
    };

    // From Failed because a search was answered that the target is gone.
    private static readonly Dictionary<string, (AttemptState To, AttemptEvent? Written)> LegalWhenTheTargetWasNotFound = new()
    {
        ["SucceedLate"] = (AttemptState.Active, AttemptEvent.AnsweredLate),
        ["FailLate"] = (AttemptState.Failed, AttemptEvent.RefusedLate),
        ["LoseAnswerLate"] = (AttemptState.Ambiguous, AttemptEvent.AnswerLostLate),
    };

    [Theory]
    [MemberData(nameof(AllTransitions))]
    public void Transition_NothingWasFound_MovesAsTheTableSaysOrThrowsAndChangesNothing(string transition) =>
        CheckTransition(NothingFound(), transition, LegalWhenNothingWasFound.TryGetValue(transition, out var expected) ? expected : null);

    [Theory]
    [MemberData(nameof(AllTransitions))]
    public void Transition_TheTargetWasNotFound_MovesAsTheTableSaysOrThrowsAndChangesNothing(string transition)
    {
        var attempt = In(AttemptState.Ambiguous);
        attempt.ConcludeAbsent("request-3", Start, targetGone: true);

        CheckTransition(attempt, transition, LegalWhenTheTargetWasNotFound.TryGetValue(transition, out var expected) ? expected : null);
    }

    [Theory]
    [MemberData(nameof(AllTransitions))]
    public void Transition_TheRequestWasRefusedBecauseTheTargetIsGone_ThrowsAndChangesNothing(string transition)
    {
        var attempt = In(AttemptState.Provisioning);
        attempt.Fail(Held, new AttemptEnding(EndingReason.TargetGone, 404), Start);

        CheckTransition(attempt, transition, null);
    }

    [Theory]
    [InlineData(AttemptState.Provisioning)]
    [InlineData(AttemptState.Ambiguous)]
    [InlineData(AttemptState.Failed)]
    public void Report_UnderTheWrongFencingNumber_ThrowsAndChangesNothing(AttemptState state)
    {
        var attempt = state == AttemptState.Failed ? NothingFound() : In(state);
        var before = Fields(attempt);
        Action[] reports = state == AttemptState.Provisioning
            ?
            [
                () => attempt.Succeed(Outdated, Instance, 77, Later), () => attempt.Fail(Outdated, new AttemptEnding(EndingReason.Refused, 400), Later),
                () => attempt.PutBack(Outdated, new AttemptEnding(EndingReason.Busy, 429), Later, Later), () => attempt.LoseAnswer(Outdated, new AttemptEnding(EndingReason.NoClearAnswer), Later),
            ]
            :
            [
                () => attempt.SucceedLate(Held, Instance, 77, Later), () => attempt.FailLate(Held, new AttemptEnding(EndingReason.Refused, 400), Later),
                () => attempt.LoseAnswerLate(Held, new AttemptEnding(EndingReason.NoClearAnswer), Later),
            ];

        foreach (var report in reports) _ = Should.Throw<IllegalTransitionException>(report);

        Fields(attempt).ShouldBe(before);
    }

    [Fact]
    public void Fence_ClaimsAndTakeovers_IncreasesWithEach()
    {
        var attempt = In(AttemptState.CodeReceived);
        attempt.Fence.ShouldBe(0);
        attempt.Claim(Guid.NewGuid(), Later, TimeSpan.FromMinutes(1));
        attempt.Fence.ShouldBe(1);
        attempt.PutBack(1, new AttemptEnding(EndingReason.Busy, 429), Later, Later);
        attempt.Claim(Guid.NewGuid(), Later, TimeSpan.FromMinutes(1));
        attempt.Fence.ShouldBe(2);

        attempt.TakeOver(Later);

        attempt.Fence.ShouldBe(3);
        attempt.IsHeldUnder(2).ShouldBeFalse();
    }

    [Fact]
    public void ConcludeAbsent_ACreation_IsSearchedForADay()
    {
        var attempt = NothingFound();

        attempt.NextAt.ShouldBe(Start.AddMinutes(5));
        attempt.LateSearchUntil.ShouldBe(Start.AddDays(1));
        attempt.SearchLateAgain(null);
        attempt.LateSearchUntil.ShouldBeNull();
    }

    [Fact]
    public void LoseAnswerLate_AfterNothingWasFound_StartsTheSearchAndItsPatienceAnew()
    {
        var attempt = NothingFound();

        attempt.LoseAnswerLate(Outdated, new AttemptEnding(EndingReason.NoClearAnswer), Later, new HistoryCall(null, TimeSpan.FromSeconds(10)));

        attempt.SentAt.ShouldBe(Later.AddSeconds(-10));
        attempt.NextAt.ShouldBe(Later);
        attempt.CompletedAt.ShouldBeNull();
        attempt.AbsenceCountsFrom(TimeSpan.FromMinutes(2), AttemptLease.Length).ShouldBe(Later.AddSeconds(110));
    }

    [Theory]
    [MemberData(nameof(AllPairs))]
    public void Transition_AnyState_MovesAsTheTableSaysOrThrowsAndChangesNothing(AttemptState from, string transition) =>
        CheckTransition(In(from), transition, Legal.TryGetValue((from, transition), out var expected) ? expected : null);

    [Fact]
    public void Table_Methods_AreAllOfThem()
    {
        // A transition that is added later has to be added to the table too.
        var methods = typeof(ProvisioningAttempt)
            .GetMethods(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.DeclaredOnly)
            .Where(method => method is { IsAssembly: true, IsSpecialName: false } && method.ReturnType == typeof(void) && method.Name != nameof(ProvisioningAttempt.Begin))
            .Select(method => method.Name);

        methods.Order().ShouldBe(Transitions.Keys.Order());
    }

    [Theory]
    [InlineData(AttemptState.Active)]
    [InlineData(AttemptState.Denied)]
    [InlineData(AttemptState.Expired)]
    [InlineData(AttemptState.Failed)]
    public void End_AnyWay_LeavesNothingToBeUsedAgain(AttemptState end)
    {
        var attempt = In(end);

        attempt.IsOver.ShouldBeTrue();
        attempt.IsEditable.ShouldBeFalse();
        attempt.Code.ShouldBeNull();
        attempt.CodeOf.ShouldBeNull();
        attempt.OAuthUrl.ShouldBeNull();
        attempt.ClaimedBy.ShouldBeNull();
        attempt.LeaseUntil.ShouldBeNull();
        // What was created is still to be looked at.
        attempt.NextAt.ShouldBe(end == AttemptState.Active ? Start : null);
        attempt.CompletedAt.ShouldBe(Start);
        // A spent state stays, so that a second delivery is known.
        attempt.StateHash.ShouldBe(StateHash);
    }

    [Fact]
    public void Succeed_StoredSecrets_AreErased()
    {
        var attempt = In(AttemptState.Provisioning);

        attempt.Succeed(Held, Instance, 77, Later, new HistoryCall("request\u202e-1", TimeSpan.FromMilliseconds(1234.5), "{\"sent\":1}", "{\"received\":2}"));

        attempt.SealedConfiguration.ShouldBeEmpty();
        attempt.Ending.ShouldBeNull();
        attempt.InstanceId.ShouldBe(Instance);
        attempt.PlatformInstanceId.ShouldBe(77);
        var line = attempt.History[^1];
        line.RequestId.ShouldBe("request-1");
        line.DurationMilliseconds.ShouldBe(1234);
        line.Sent.ShouldBe("{\"sent\":1}");
        line.Received.ShouldBe("{\"received\":2}");
    }

    [Fact]
    public void Fail_StoredSecrets_AreKeptForTryingAgain()
    {
        var attempt = In(AttemptState.Failed);

        attempt.SealedConfiguration.ShouldContainKey("secret");
    }

    [Fact]
    public void ReceiveCode_Pending_SpendsTheStateAndKeepsTheCode()
    {
        var attempt = In(AttemptState.CodeReceived);

        attempt.Code.ShouldBe(SomeCode);
        attempt.OAuthUrl.ShouldBeNull();
        attempt.CodeReceivedAt.ShouldBe(Start);
        attempt.ConsentedServer.ShouldBe("dt123.infusionsoft.com");
        attempt.StateHash.ShouldBe(StateHash);
    }

    [Fact]
    public void HoldCode_OtherAccount_SpendsTheStateAndSaysWhichAccounts()
    {
        var attempt = In(AttemptState.AwaitingDecision);

        attempt.Code.ShouldBe(SomeCode);
        attempt.OAuthUrl.ShouldBeNull();
        attempt.StateHash.ShouldBe(StateHash);
        attempt.ConsentedServer.ShouldBe("zt119.infusionsoft.com");
        attempt.ExpectedServer.ShouldBe("dt123.infusionsoft.com");
        attempt.IsOver.ShouldBeFalse();
    }

    [Theory]
    [InlineData("Decline")]
    [InlineData("LapseDecision")]
    public void Decision_AgainstTheAccount_ErasesTheCode(string transition)
    {
        var attempt = In(AttemptState.AwaitingDecision);

        Transitions[transition](attempt);

        attempt.Code.ShouldBeNull();
        attempt.Ending!.Reason.ShouldBe(EndingReason.OtherAccount);
        attempt.SealedConfiguration.ShouldContainKey("secret");
    }

    [Fact]
    public void LapseCode_PutBack_EndsForTheReasonThatItWasPutBackFor()
    {
        var attempt = In(AttemptState.Provisioning);
        attempt.PutBack(Held, new AttemptEnding(EndingReason.Busy, 429, "busy"), Start, Start.AddSeconds(3));

        attempt.LapseCode(Later);

        attempt.Code.ShouldBeNull();
        attempt.Ending!.Reason.ShouldBe(EndingReason.Busy);
        attempt.Ending.Message.ShouldBe("busy");
    }

    [Fact]
    public void AwaitConsent_Again_TheOlderStateAndBrowserDie()
    {
        var attempt = In(AttemptState.AwaitingConsent);
        attempt.Leave(BrowserHash, Start);

        attempt.AwaitConsent([9], new Sealed("newer"), "https://portal.example.com/oauth/callback", Later, TimeSpan.FromMinutes(15));

        attempt.StateHash.ShouldBe(new byte[] { 9 });
        attempt.BrowserHash.ShouldBeNull();
        attempt.OAuthUrl.ShouldBe(new Sealed("newer"));
        attempt.ConsentExpiresAt.ShouldBe(Later.AddMinutes(15));
        attempt.Step.ShouldBe(WizardStep.Review);
    }

    [Fact]
    public void Reopen_Pending_TheStateDies()
    {
        var attempt = In(AttemptState.AwaitingConsent);
        attempt.Leave(BrowserHash, Start);

        attempt.Reopen(Later);

        attempt.StateHash.ShouldBeNull();
        attempt.BrowserHash.ShouldBeNull();
        attempt.OAuthUrl.ShouldBeNull();
        attempt.CallbackUrl.ShouldBeNull();
        attempt.ConsentExpiresAt.ShouldBeNull();
    }

    [Fact]
    public void Claim_Received_SaysWhoHoldsItUntilWhenAndSinceWhenItIsUnderWay()
    {
        var attempt = In(AttemptState.CodeReceived);
        var owner = Guid.NewGuid();

        attempt.Claim(owner, Later, TimeSpan.FromMinutes(1));

        attempt.ClaimedBy.ShouldBe(owner);
        attempt.LeaseUntil.ShouldBe(Later.AddMinutes(1));
        attempt.SentAt.ShouldBe(Later);
        attempt.Tries.ShouldBe(1);
    }

    [Fact]
    public void PutBack_Provisioning_KeepsTheCodeAndSaysWhen()
    {
        var attempt = In(AttemptState.Provisioning);

        attempt.PutBack(Held, new AttemptEnding(EndingReason.Busy, 429, "busy"), Later, Later.AddSeconds(3));

        attempt.Code.ShouldBe(SomeCode);
        attempt.SentAt.ShouldBeNull();
        attempt.LeaseUntil.ShouldBeNull();
        attempt.NextAt.ShouldBe(Later.AddSeconds(3));
        attempt.Ending!.Reason.ShouldBe(EndingReason.Busy);
    }

    [Fact]
    public void LoseAnswer_Provisioning_TheCodeIsErasedSoThatItCannotBeSentAgain()
    {
        var attempt = In(AttemptState.Ambiguous);

        attempt.Code.ShouldBeNull();
        attempt.SentAt.ShouldNotBeNull();
        attempt.NextAt.ShouldBe(Start);
    }

    [Fact]
    public void Fail_OutsideText_IsCleanedAndBounded()
    {
        var attempt = In(AttemptState.Provisioning);

        attempt.Fail(Held, new AttemptEnding(EndingReason.Refused, 400, "a\u202eb\r\n" + new string('x', 5000), "p\0q", new string('r', 500)), Later);

        attempt.Ending!.Message!.Length.ShouldBe(AttemptEnding.MaxMessageLength);
        attempt.Ending.Message.ShouldStartWith("ab x");
        attempt.Ending.ProviderMessage.ShouldBe("p q");
        attempt.Ending.RequestId!.Length.ShouldBe(AttemptEnding.MaxRequestIdLength);
        attempt.History[^1].Detail.ShouldBe("Refused, status 400");
    }

    [Fact]
    public void NextAt_EveryState_SaysWhenTheWorkerHasToSeeToIt()
    {
        In(AttemptState.Draft).NextAt.ShouldBeNull();
        In(AttemptState.AwaitingConsent).NextAt.ShouldBe(Start.AddMinutes(15));
        In(AttemptState.AwaitingDecision).NextAt.ShouldBe(Start.AddMinutes(4));
        In(AttemptState.CodeReceived).NextAt.ShouldBe(Start);
        In(AttemptState.Provisioning).NextAt.ShouldBe(Start.AddMinutes(1));
        In(AttemptState.Ambiguous).NextAt.ShouldBe(Start);
        var reopened = In(AttemptState.AwaitingConsent);
        reopened.Reopen(Later);
        reopened.NextAt.ShouldBeNull();
        var accepted = In(AttemptState.AwaitingDecision);
        accepted.Accept(Later);
        accepted.NextAt.ShouldBe(Later);
    }

    [Fact]
    public void PortalTag_Attempt_IsItsId()
    {
        var attempt = In(AttemptState.Draft);

        attempt.PortalTag.ShouldBe($"portal:{attempt.Id}");
        attempt.PortalTag.Length.ShouldBeLessThanOrEqualTo(InputRules.MaxTagLength);
    }
}
