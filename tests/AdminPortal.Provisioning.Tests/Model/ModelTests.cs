using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace AdminPortal.Provisioning.Tests.Model;

/// <summary>
/// The way from a draft to an instance, tested like storage: random sequences of what people, the provider, the platform,
/// the clock and dying processes do, against a plain model of what may come of it.
/// </summary>
/// <remarks>
/// <c>ADMINPORTAL_MODEL_RUNS</c> says how many sequences; some thousand are the long form.
/// <c>ADMINPORTAL_MODEL_SEED</c> is <c>new</c> for other sequences, or the <c>seed,gamma</c> that a failure names;
/// without it the sequences are the same in every run, so that a build does not fail by chance.
/// <c>ADMINPORTAL_MODEL_STEPS</c> replays one sequence: the numbers that a failure names.
/// </remarks>
public sealed class ModelTests
{
    private const int Steps = 30;
    private const string UsualSeed = "20261123,4242427";

    [Fact]
    public async Task Sequences_WhateverHappens_EveryConsentEndsInOneInstanceOrAnExplanation()
    {
        if (Environment.GetEnvironmentVariable("ADMINPORTAL_MODEL_STEPS") is { Length: > 0 } steps)
        {
            await ModelRun.CheckAsync([.. steps.Split([' ', ',', ';'], StringSplitOptions.RemoveEmptyEntries).Select(number => int.Parse(number, CultureInfo.InvariantCulture))]);
            return;
        }

        var runs = int.Parse(Environment.GetEnvironmentVariable("ADMINPORTAL_MODEL_RUNS") ?? "300", CultureInfo.InvariantCulture);
        var seed = Environment.GetEnvironmentVariable("ADMINPORTAL_MODEL_SEED") is { Length: > 0 } given ? given : UsualSeed;
        var random = seed == "new" ? new Rnd((ulong)Random.Shared.NextInt64()) : ParseSeed(seed);
        TestContext.Current.TestOutputHelper?.WriteLine($"ADMINPORTAL_MODEL_SEED={random.Seed},{random.Gamma} ADMINPORTAL_MODEL_RUNS={runs}");
        var sequences = Arb.From(Gen.Choose(0, 67_108_863).ArrayOf(Steps), Shorter);
        var config = Config.QuickThrowOnFailure.WithMaxTest(runs).WithReplay(FSharpOption<Replay>.Some(new Replay(random, FSharpOption<int>.None)));
        // Off the test's own thread: FsCheck waits where it stands.
        await Task.Run(() => Check.One(config, Prop.ForAll(sequences, numbers => ModelRun.CheckAsync(numbers).GetAwaiter().GetResult())), Token);
    }

    private static Rnd ParseSeed(string seed)
    {
        var parts = seed.Split(',', '(', ')');
        return new Rnd(ulong.Parse(parts[0], CultureInfo.InvariantCulture), ulong.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    // By leaving steps out: halves first, single ones last. A step means what it meant.
    private static IEnumerable<int[]> Shorter(int[] numbers)
    {
        for (var size = Math.Max(1, numbers.Length / 2); size >= 1; size /= 2)
        {
            for (var at = 0; at < numbers.Length; at += size) yield return [.. numbers[..at], .. numbers[Math.Min(numbers.Length, at + size)..]];
        }
    }
}
