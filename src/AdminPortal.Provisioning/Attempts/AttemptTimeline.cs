using AdminPortal.Domain.Attempts;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>
/// An attempt step by step, with times: what its history has as moments, told as steps that begin and take a while.
/// </summary>
/// <param name="Steps">The steps, in the order in which they happened.</param>
/// <param name="Total">From the first step's beginning to the end of the last.</param>
/// <param name="SinceAuthorize">The part of it since a person first pressed "Authorize"; null where nobody has.</param>
public sealed record AttemptTimeline(IReadOnlyList<TimelineStep> Steps, TimeSpan Total, TimeSpan? SinceAuthorize)
{
    /// <summary>The timeline of an attempt, wherever it is; lines of an older portal, without durations, are told as moments.</summary>
    public static AttemptTimeline Of(AttemptView attempt)
    {
        // What was written in one transaction has one time; the events' own order is that in which they happen then.
        var history = attempt.History.OrderBy(entry => entry.At).ThenBy(entry => entry.Event).ToList();
        if (history.Count == 0) return new AttemptTimeline([], TimeSpan.Zero, null);

        var steps = history.SelectMany((entry, index) => Tell(entry, history.Skip(index + 1).ToList())).ToList();
        var began = history[0].At;
        var ended = history[^1].At;
        var authorized = steps.FirstOrDefault(step => step.Kind is TimelineStepKind.Preflight or TimelineStepKind.SignInAddress)?.StartedAt;
        return new AttemptTimeline(steps, ended - began, ended - authorized);
    }

    private static IEnumerable<TimelineStep> Tell(AttemptHistoryEntry entry, List<AttemptHistoryEntry> later)
    {
        switch (entry.Event)
        {
            case AttemptEvent.Created or AttemptEvent.Reopened:
                yield return Until(entry, TimelineStepKind.Draft, later.FirstOrDefault());
                break;

            case AttemptEvent.PreflightPassed:
                yield return Took(entry, TimelineStepKind.Preflight);
                break;

            case AttemptEvent.OAuthUrlObtained:
                yield return Took(entry, TimelineStepKind.SignInAddress);
                break;

            case AttemptEvent.Left:
                yield return Moment(entry, TimelineStepKind.Left);
                yield return Until(entry, TimelineStepKind.AtProvider, later.FirstOrDefault()) with { Detail = null };
                break;

            case AttemptEvent.OtherAccountReturned:
                yield return Moment(entry, TimelineStepKind.Returned);
                yield return Until(entry, TimelineStepKind.Deciding, later.FirstOrDefault()) with { Detail = null };
                break;

            case AttemptEvent.CodeReturned or AttemptEvent.ErrorReturned:
                yield return Moment(entry, TimelineStepKind.Returned);
                break;

            case AttemptEvent.Accepted or AttemptEvent.Declined:
                yield return Moment(entry, TimelineStepKind.Decided);
                break;

            case AttemptEvent.Claimed:
                yield return Until(entry, TimelineStepKind.Claimed, later.FirstOrDefault());
                break;

            case AttemptEvent.Answered or AttemptEvent.Refused or AttemptEvent.PutBack or AttemptEvent.AnswerLost
                or AttemptEvent.AnsweredLate or AttemptEvent.RefusedLate or AttemptEvent.AnswerLostLate:
                foreach (var step in TellAnswer(entry, later)) yield return step;
                break;

            case AttemptEvent.Adopted or AttemptEvent.ProvedAbsent or AttemptEvent.FoundLate:
                yield return Took(entry, TimelineStepKind.Found);
                break;

            case AttemptEvent.Verified:
                yield return Took(entry, TimelineStepKind.Verified);
                break;

            case AttemptEvent.OrphanFound or AttemptEvent.OrphanRemoved:
                yield return Moment(entry, TimelineStepKind.Orphan);
                break;

            default:
                yield return Moment(entry, TimelineStepKind.Ended);
                break;
        }
    }

    private static IEnumerable<TimelineStep> TellAnswer(AttemptHistoryEntry entry, List<AttemptHistoryEntry> later)
    {
        // Without a duration nothing was asked, or an older portal did not write it down.
        if (entry.DurationMilliseconds is not null)
            yield return Took(entry, TimelineStepKind.Sent) with { Detail = null, RequestId = null, Received = null };
        yield return Moment(entry, TimelineStepKind.Answered) with { Sent = null };
        if (entry.Event == AttemptEvent.PutBack)
            yield return Until(entry, TimelineStepKind.Waiting, later.FirstOrDefault()) with { Detail = null, RequestId = null, Sent = null, Received = null };
        if (entry.Event is AttemptEvent.AnswerLost or AttemptEvent.AnswerLostLate)
            yield return Until(entry, TimelineStepKind.Searching, later.FirstOrDefault()) with { Detail = null, RequestId = null, Sent = null, Received = null };
    }

    private static TimelineStep Moment(AttemptHistoryEntry entry, TimelineStepKind kind) =>
        new(kind, entry.Event, entry.State, entry.At, null) { Detail = entry.Detail, RequestId = entry.RequestId, Sent = entry.Sent, Received = entry.Received };

    /// <summary>A step that ended when its line was written.</summary>
    private static TimelineStep Took(AttemptHistoryEntry entry, TimelineStepKind kind) =>
        entry.DurationMilliseconds is { } milliseconds
            ? Moment(entry, kind) with { StartedAt = Before(entry.At, milliseconds), Duration = TimeSpan.FromMilliseconds(milliseconds) }
            : Moment(entry, kind);

    /// <summary>A step that began when its line was written and lasted until the next step began; without one it still lasts.</summary>
    private static TimelineStep Until(AttemptHistoryEntry entry, TimelineStepKind kind, AttemptHistoryEntry? next)
    {
        if (next is null) return Moment(entry, kind) with { IsOpen = true };
        var ended = Before(next.At, next.DurationMilliseconds ?? 0);
        // Clocks are set back now and then.
        return Moment(entry, kind) with { Duration = ended > entry.At ? ended - entry.At : TimeSpan.Zero };
    }

    // A time that cannot be read stands at the edge of what there is.
    private static DateTimeOffset Before(DateTimeOffset at, int milliseconds) =>
        at - DateTimeOffset.MinValue > TimeSpan.FromMilliseconds(milliseconds) ? at.AddMilliseconds(-milliseconds) : at;
}

/// <summary>One step of an <see cref="AttemptTimeline"/>.</summary>
/// <param name="Kind">The sort of step.</param>
/// <param name="Event">The history's event that it tells of.</param>
/// <param name="State">The state that the event led to.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Duration">How long it took; null for a moment, and where nobody knows.</param>
public sealed record TimelineStep(TimelineStepKind Kind, AttemptEvent Event, AttemptState State, DateTimeOffset StartedAt, TimeSpan? Duration)
{
    /// <summary>Whether it still lasts.</summary>
    public bool IsOpen { get; init; }

    /// <summary>What else the history says of it; never a secret.</summary>
    public string? Detail { get; init; }

    /// <summary>The platform's request id.</summary>
    public string? RequestId { get; init; }

    /// <summary>What was sent, as JSON without secrets.</summary>
    public string? Sent { get; init; }

    /// <summary>What was answered, as JSON without secrets.</summary>
    public string? Received { get; init; }

    /// <summary>Whether it is a stretch between two lines of the history; its words are then the kind's and not the event's.</summary>
    public bool IsStretch => Kind is TimelineStepKind.AtProvider or TimelineStepKind.Deciding or TimelineStepKind.Sent or TimelineStepKind.Waiting or TimelineStepKind.Searching;
}

/// <summary>The sorts of steps.</summary>
public enum TimelineStepKind
{
    /// <summary>The wizard was filled in.</summary>
    Draft,

    /// <summary>Everything that can be checked before leaving was checked.</summary>
    Preflight,

    /// <summary>The platform was asked for the sign-in's address.</summary>
    SignInAddress,

    /// <summary>A browser left.</summary>
    Left,

    /// <summary>A person was at the provider's sign-in.</summary>
    AtProvider,

    /// <summary>The callback came.</summary>
    Returned,

    /// <summary>A consent for another account waited for somebody to decide.</summary>
    Deciding,

    /// <summary>Somebody decided.</summary>
    Decided,

    /// <summary>A worker took the code and made the request ready.</summary>
    Claimed,

    /// <summary>The request was under way.</summary>
    Sent,

    /// <summary>The platform's answer, or what came instead of one.</summary>
    Answered,

    /// <summary>It waited for the next try.</summary>
    Waiting,

    /// <summary>The platform was searched for what an unanswered request came to.</summary>
    Searching,

    /// <summary>What the search ended with: the last look.</summary>
    Found,

    /// <summary>What was created was looked at.</summary>
    Verified,

    /// <summary>A second instance was found or removed.</summary>
    Orphan,

    /// <summary>A time ran out.</summary>
    Ended,
}
