using AdminPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Storage;

public sealed class StorageProblemTests
{
    [Theory]
    [InlineData(13, StorageProblem.Full)]
    [InlineData(8, StorageProblem.ReadOnly)]
    [InlineData(5, StorageProblem.Locked)]
    [InlineData(6, StorageProblem.Locked)]
    [InlineData(11, StorageProblem.Corrupt)]
    [InlineData(26, StorageProblem.Corrupt)]
    [InlineData(14, StorageProblem.NotOpened)]
    [InlineData(10, StorageProblem.Other)]
    public void Find_SqliteCode_IsTheTrouble(int code, StorageProblem expected)
    {
        StorageProblems.Find(new SqliteException("x", code)).ShouldBe(expected);
        // As EF Core wraps it, and as Data Protection wraps that.
        StorageProblems.Find(new InvalidOperationException("y", new DbUpdateException("z", new SqliteException("x", code)))).ShouldBe(expected);
        StorageProblems.Find(new AggregateException(new SqliteException("x", code))).ShouldBe(expected);
    }

    [Theory]
    [InlineData(28, StorageProblem.Full)]
    [InlineData(30, StorageProblem.ReadOnly)]
    [InlineData(24, StorageProblem.NotOpened)]
    [InlineData(23, StorageProblem.NotOpened)]
    public void Find_ErrorOfTheFileSystem_IsTheTrouble(int errno, StorageProblem expected) => StorageProblems.Find(new IOException("x", errno)).ShouldBe(expected);

    [Fact]
    public void Find_ConstraintOrBug_IsNone()
    {
        StorageProblems.Find(null).ShouldBeNull();
        StorageProblems.Find(new SqliteException("constraint", 19)).ShouldBeNull();
        StorageProblems.Find(new SqliteException("no such column", 1)).ShouldBeNull();
        StorageProblems.Find(new InvalidOperationException("bug")).ShouldBeNull();
        StorageProblems.Find(new IOException("The connection broke.")).ShouldBeNull();
    }
}
