using AdminPortal.EndToEnd.Tests.Infrastructure;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace AdminPortal.EndToEnd.Tests;

/// <summary>Tests that share one portal; those that stop it or change its clock have a stage of their own.</summary>
[CollectionDefinition(Name)]
public sealed class SharedStage : ICollectionFixture<Stage>
{
    public const string Name = "Stage";
}
