using System.Globalization;

namespace AdminPortal.Provisioning.Tests.Model;

/// <summary>What a step does.</summary>
internal enum StepKind
{
    Work,
    Connect,
    Onward,
    Start,
    Authorize,
    Leave,
    Return,
    Edit,
    Decide,
    TryAgain,
    Discard,
    Reauthenticate,
    DeleteInstance,
    RemoveOrphan,
    Clock,
    FailSend,
    FailList,
    FailCall,
    Kill,
    StorageError,
    AtOnce,
    Restart,
}

/// <summary>One step of a sequence, written as one number, so that a sequence is shrunk by leaving numbers out.</summary>
internal readonly record struct ModelStep(int Number)
{
    // How often each kind comes: work and the way ahead most, so that sequences get far within thirty steps.
    private static readonly StepKind[] Kinds =
    [
        .. new (StepKind Kind, int Weight)[]
        {
            (StepKind.Work, 16), (StepKind.Connect, 9), (StepKind.Onward, 12), (StepKind.Start, 2), (StepKind.Authorize, 3), (StepKind.Leave, 3),
            (StepKind.Return, 8), (StepKind.Edit, 4), (StepKind.Decide, 7), (StepKind.TryAgain, 3), (StepKind.Discard, 1), (StepKind.Reauthenticate, 6),
            (StepKind.DeleteInstance, 2), (StepKind.RemoveOrphan, 3), (StepKind.Clock, 10), (StepKind.FailSend, 13), (StepKind.FailList, 9), (StepKind.FailCall, 6),
            (StepKind.Kill, 8), (StepKind.StorageError, 4), (StepKind.AtOnce, 9), (StepKind.Restart, 1),
        }.SelectMany(pair => Enumerable.Repeat(pair.Kind, pair.Weight)),
    ];

    public StepKind Kind => Kinds[Number % Kinds.Length];

    /// <summary>Three small numbers that say the rest.</summary>
    public int A => (Number / 256) & 63;

    public int B => (Number / 16_384) & 63;

    public int C => (Number / 1_048_576) & 63;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind}({A},{B},{C})");
}
