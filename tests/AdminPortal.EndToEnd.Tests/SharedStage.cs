using AdminPortal.EndToEnd.Tests.Infrastructure;
using Xunit.Sdk;
using Xunit.v3;

// Three at a time: they wait for one another's processes more than they work. What is in no collection has processes of its own.
[assembly: Parallelization(MaxThreads = 3)]
[assembly: TestCollectionOrderer(typeof(AdminPortal.EndToEnd.Tests.LongestFirst))]

namespace AdminPortal.EndToEnd.Tests;

/// <summary>Tests that share one portal; those that stop it or change its clock have a stage of their own.</summary>
[CollectionDefinition(Name)]
public sealed class SharedStage : ICollectionFixture<Stage>
{
    public const string Name = "Stage";
}

/// <summary>Another portal for half of the tests that share one, so that two rows of them run beside one another.</summary>
[CollectionDefinition(Name)]
public sealed class SecondStage : ICollectionFixture<Stage>
{
    public const string Name = "Second stage";
}

/// <summary>Begins with what takes longest: whatever is shorter fits in beside it.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] First = [SharedStage.Name, SecondStage.Name, nameof(KillTests)];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(Rank).ThenBy(collection => collection.TestCollectionDisplayName, StringComparer.Ordinal)];

    private static int Rank<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection =>
        Array.FindIndex(First, name => collection.TestCollectionDisplayName == name || collection.TestCollectionDisplayName.Contains($".{name} ", StringComparison.Ordinal)) is var rank and >= 0 ? rank : First.Length;
}
