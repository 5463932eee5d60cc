if [ -n "$AWS_SSM_INSTANCE_ID" ] && curl -fsSg --retry 3 -K - >/dev/null 2>"$here/upload" <<CURL
@form@
CURL
then
  kept=uploaded
fi
