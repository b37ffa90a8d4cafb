using System.Text;
using AdminPortal.Provisioning.Users;

namespace AdminPortal.Provisioning.Tests.Users;

public sealed class TimeCodesTests
{
    // The secret of RFC 6238's examples, "12345678901234567890", in base 32.
    private const string Key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1_111_111_109, "081804")]
    [InlineData(1_111_111_111, "050471")]
    [InlineData(1_234_567_890, "005924")]
    [InlineData(2_000_000_000, "279037")]
    [InlineData(20_000_000_000, "353130")]
    public void Compute_ExamplesOfTheStandard_AreTheirs(long seconds, string code)
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(seconds);

        TimeCodes.Compute(Key, TimeCodes.StepAt(at)).ShouldBe(code);
        TimeCodes.FindStep(Key, code, at).ShouldBe(TimeCodes.StepAt(at));
    }

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void FindStep_OfANeighbour_IsTakenWithinOneStep(int away, bool isTaken)
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

        (TimeCodes.FindStep(Key, TimeCodes.Compute(Key, TimeCodes.StepAt(at) + away), at) == TimeCodes.StepAt(at) + away).ShouldBe(isTaken);
    }

    [Fact]
    public void CreateKey_EveryTime_IsAnotherOf160Bits()
    {
        var keys = Enumerable.Range(0, 50).Select(_ => TimeCodes.CreateKey()).ToList();

        keys.Distinct().Count().ShouldBe(50);
        keys.ShouldAllBe(key => key.Length == 32 && Encoding.ASCII.GetByteCount(key) == 32);
        keys.ShouldAllBe(key => TimeCodes.Compute(key, 1).Length == 6);
    }

    [Theory]
    [InlineData("123456", "123456")]
    [InlineData(" 123 456 ", "123456")]
    [InlineData("12345", null)]
    [InlineData("1234567", null)]
    [InlineData("12345a", null)]
    [InlineData("１２３４５６", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Read_Entered_IsSixDigitsOrNothing(string? entered, string? read) => TimeCodes.Read(entered).ShouldBe(read);

    [Theory]
    [InlineData("ABCD-EFGH-JKMN-PQRS", "ABCDEFGHJKMNPQRS")]
    [InlineData("abcd efgh jkmn pqrs", "ABCDEFGHJKMNPQRS")]
    [InlineData("ABCD-EFGH-JKMN-PQR0", null)]
    [InlineData("ABCD-EFGH-JKMN", null)]
    [InlineData("123456", null)]
    [InlineData(null, null)]
    public void Read_RecoveryCode_IsTakenHoweverItIsWritten(string? entered, string? read) => RecoveryCodes.Read(entered).ShouldBe(read);
}
