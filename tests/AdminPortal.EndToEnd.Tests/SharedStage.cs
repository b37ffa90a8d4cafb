using AdminPortal.EndToEnd.Tests.Infrastructure;

// Two at a time: what shares the stage, and everything that starts processes of its own.
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly, MaxParallelThreads = 2)]

namespace AdminPortal.EndToEnd.Tests;

/// <summary>Tests that share one portal; those that stop it or change its clock have a stage of their own.</summary>
[CollectionDefinition(Name)]
public sealed class SharedStage : ICollectionFixture<Stage>
{
    public const string Name = "Stage";
}
